using System.Net;
using BotGeneric.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace BotGeneric.ServiceDefaults.Tests;

public sealed class AuthenticationTests : IAsyncLifetime
{
    private TestService _service = null!;

    public async Task InitializeAsync() => _service = await TestService.StartAsync(app =>
    {
        app.MapGet("/forgotten", (HttpContext context) => context.User.Identity!.Name);
        app.MapGet("/open", () => "open").AllowAnonymous();
        app.MapGet("/admin", () => "admin").RequireAuthorization(ApiPolicies.Admin);
    });

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Theory]
    [InlineData("/forgotten", null, null, HttpStatusCode.Unauthorized)]
    [InlineData("/admin", null, null, HttpStatusCode.Unauthorized)]
    [InlineData("/open", null, null, HttpStatusCode.OK)]
    [InlineData("/open", "Authorization", "Bearer wrong", HttpStatusCode.OK)]
    [InlineData("/forgotten", "Authorization", "Bearer wrong", HttpStatusCode.Unauthorized)]
    [InlineData("/forgotten", "Authorization", "Bearer ", HttpStatusCode.Unauthorized)]
    [InlineData("/forgotten", "Authorization", "Basic " + TestService.ApiKey, HttpStatusCode.Unauthorized)]
    [InlineData("/forgotten", "Authorization", "Bearer " + TestService.ApiKey, HttpStatusCode.OK)]
    [InlineData("/forgotten", "Authorization", "bearer " + TestService.ApiKey, HttpStatusCode.OK)]
    [InlineData("/forgotten", "X-Api-Key", TestService.ApiKey, HttpStatusCode.OK)]
    [InlineData("/admin", "X-Api-Key", TestService.ApiKey, HttpStatusCode.OK)]
    public async Task Only_an_endpoint_that_says_so_is_open(string path, string? header, string? value, HttpStatusCode status)
    {
        using var client = _service.CreateVisitor();
        if (header is not null)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation(header, value);
        }

        using var response = await client.GetAsync(path);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(status == HttpStatusCode.Unauthorized, response.Headers.WwwAuthenticate.Count > 0);
    }

    [Theory]
    [InlineData("environment", "Production", "Remove it")]
    [InlineData("Authentication:DevelopmentApiKey", "short", "20")]
    public async Task A_key_where_it_must_not_be_stops_the_process(string key, string value, string words)
    {
        await using var app = TestService.Build(_ => { }, register: null, (key, value));

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());

        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
    }
}
