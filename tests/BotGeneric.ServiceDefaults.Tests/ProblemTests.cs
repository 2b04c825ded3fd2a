using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace BotGeneric.ServiceDefaults.Tests;

public sealed class ProblemTests : IAsyncLifetime
{
    private TestService _service = null!;

    public async Task InitializeAsync() => _service = await TestService.StartAsync(app =>
    {
        app.MapPost("/orders", (Order order) => TypedResults.Ok(order));
        app.MapGet("/broken", string () => throw new InvalidOperationException("the secret reason"));
        app.MapGet("/api/broken", string () => throw new InvalidOperationException("the secret reason"));
        app.MapGet("/api/orders", (int page) => TypedResults.Ok(page));
    });

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Theory]
    [InlineData("""{"quantity":1,"colour":"red"}""", "colour")]
    [InlineData("""{"quantity":"1"}""", "quantity")]
    public async Task A_body_that_does_not_fit_is_refused_and_the_field_is_named(string body, string field)
    {
        using var client = _service.CreateOperator();

        using var response = await client.PostAsync("/orders", new StringContent(body, Encoding.UTF8, "application/json"));
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("urn:botgeneric:problem:invalid-request", problem.GetProperty("type").GetString());
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out var errors), problem.ToString());
        Assert.DoesNotContain("System.", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fault_says_nothing_but_the_trace_to_look_for()
    {
        using var client = _service.CreateOperator();

        using var response = await client.GetAsync("/broken");
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.Matches("\"traceId\":\"[0-9a-f]{32}\"", text);
    }

    [Theory]
    [InlineData("/api/nothing", HttpStatusCode.NotFound, "not-found", true)]
    [InlineData("/api/broken", HttpStatusCode.InternalServerError, "internal", true)]
    [InlineData("/api/broken", HttpStatusCode.Unauthorized, "unauthenticated", false)]
    [InlineData("/API/orders?page=x", HttpStatusCode.BadRequest, "invalid-request", true)]
    public async Task An_error_of_the_api_is_a_problem_whatever_the_caller_accepts(string path, HttpStatusCode status, string type, bool isSignedIn)
    {
        using var client = isSignedIn ? _service.CreateOperator() : _service.CreateVisitor();
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");

        using var response = await client.GetAsync(path);
        var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal($"urn:botgeneric:problem:{type}", problem.GetProperty("type").GetString());
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.True(problem.TryGetProperty("traceId", out _));
    }

    [Theory]
    [InlineData("en", "Sign in or send a valid key.")]
    [InlineData("ru", "Войдите")]
    [InlineData("uk", "Увійдіть")]
    [InlineData("de", "Sign in or send a valid key.")]
    public async Task A_title_is_in_the_callers_language(string language, string words)
    {
        using var client = _service.CreateVisitor();
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);

        using var response = await client.GetAsync("/broken");
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.StartsWith(words, problem.GetProperty("title").GetString(), StringComparison.Ordinal);
    }

    private sealed record Order(int Quantity);
}
