using System.Net;
using System.Net.Http.Json;
using BotGeneric.Gateway.Routing;
using BotGeneric.Gateway.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Gateway.Tests;

public sealed class ProxyErrorTests
{
    [Theory]
    [InlineData("en", "A part of the system is away. Try again shortly.", "The billing service is not running")]
    [InlineData("ru", "Часть системы временно недоступна. Повторите чуть позже.", "Служба billing сейчас не работает")]
    [InlineData("uk", "Частина системи тимчасово недоступна. Спробуйте трохи згодом.", "Служба billing зараз не працює")]
    public async Task A_service_that_is_not_running_is_503_and_named(string language, string title, string words)
    {
        await using var gateway = new GatewayApplication().With(ServiceNames.Billing, NoService.Address);

        var (response, problem) = await GetAsync(gateway, language);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("urn:botgeneric:problem:unavailable", problem.Type);
        Assert.Equal(title, problem.Title);
        Assert.StartsWith(words, problem.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", problem.Detail, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(5), response.Headers.RetryAfter?.Delta);
        Assert.Matches("^[0-9a-f]{32}$", problem.Extensions["traceId"]?.ToString());
    }

    [Fact]
    public async Task A_service_that_is_not_part_of_the_installation_is_503_too()
    {
        await using var gateway = new GatewayApplication();

        var (response, problem) = await GetAsync(gateway, "en");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("billing", problem.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en")]
    [InlineData("ru")]
    [InlineData("uk")]
    public async Task A_service_that_breaks_off_is_502(string language)
    {
        await using var service = await StubService.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        await using var gateway = new GatewayApplication().With(ServiceNames.Billing, service.Address);

        var (response, problem) = await GetAsync(gateway, language);

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("urn:botgeneric:problem:bad-gateway", problem.Type);
        Assert.Equal(Title("bad-gateway", language), problem.Title);
    }

    [Theory]
    [InlineData("en")]
    [InlineData("ru")]
    [InlineData("uk")]
    public async Task A_service_that_takes_too_long_is_504(string language)
    {
        await using var service = await StubService.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var gateway = new GatewayApplication().With(ServiceNames.Billing, service.Address)
            .Set("Routing:StandardTimeout", "00:00:01");

        var (response, problem) = await GetAsync(gateway, language);

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Equal("urn:botgeneric:problem:timeout", problem.Type);
        Assert.Equal(Title("timeout", language), problem.Title);
    }

    [Fact]
    public async Task An_error_of_the_service_itself_is_passed_on_as_it_is()
    {
        await using var service = await StubService.StartAsync(context =>
        {
            context.Response.StatusCode = StatusCodes.Status409Conflict;
            return Task.CompletedTask;
        });
        await using var gateway = new GatewayApplication().With(ServiceNames.Billing, service.Address);
        using var client = gateway.CreateVisitor();

        using var response = await client.GetAsync("/api/plans");

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_service_that_says_it_is_unhealthy_is_still_asked_when_there_is_no_other()
    {
        await using var service = await StubService.StartAsync("degraded but there");
        service.Health = """{"status":"unhealthy","checks":{"redis":"unhealthy"}}""";
        await using var gateway = new GatewayApplication().With(ServiceNames.Billing, service.Address)
            .Set("Routing:HealthInterval", "00:00:00.100")
            .Set("Status:PollInterval", "00:00:00.100");
        using var client = gateway.CreateVisitor();
        await StatusReader.WaitAsync(client, status => status.Services["billing"].State == "unhealthy");

        Assert.Equal("degraded but there", await client.GetStringAsync("/api/plans"));
    }

    private static string? Title(string type, string language) => new System.Resources.ResourceManager(
        "BotGeneric.ServiceDefaults.Problems.ProblemTitles", typeof(ServiceDefaults.ServiceDefaultsExtensions).Assembly)
        .GetString(type, System.Globalization.CultureInfo.GetCultureInfo(language));

    private static async Task<(HttpResponseMessage Response, ProblemDetails Problem)> GetAsync(GatewayApplication gateway, string language)
    {
        using var client = gateway.CreateVisitor();
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        var response = await client.GetAsync("/api/plans");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return (response, (await response.Content.ReadFromJsonAsync<ProblemDetails>())!);
    }
}
