using System.Net;
using BotGeneric.Gateway.Routing;
using Microsoft.Extensions.Options;

namespace BotGeneric.Gateway.Tests;

public sealed class ProductionTests
{
    [Theory]
    [InlineData("Authorization", "Bearer key-of-another-kind-0123456789")]
    [InlineData("Authorization", "Bearer ")]
    [InlineData("X-Api-Key", "key-of-another-kind-0123456789")]
    [InlineData("X-Api-Key", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.")]
    [InlineData("Authorization", "Bearer eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJzdWIiOiIxIn0.")]
    public async Task What_is_neither_a_key_nor_a_token_opens_no_guarded_route(string header, string value)
    {
        await using var service = await StubService.StartAsync("reached");
        await using var gateway = GatewayApplication.InProduction();
        foreach (var name in ServiceNames.All)
        {
            gateway.With(name, service.Address);
        }

        using var client = gateway.CreateVisitor();
        client.DefaultRequestHeaders.TryAddWithoutValidation(header, value);

        foreach (var route in RouteTable.Routes.Where(route => route.Access is RouteAccess.Authenticated or RouteAccess.Admin))
        {
            using var response = await client.GetAsync(route.Pattern.Replace("{**rest}", "some", StringComparison.Ordinal));
            Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{route.Pattern} answered {response.StatusCode}.");
        }

        Assert.Empty(service.Requests);
    }

    [Fact]
    public async Task Browsers_are_told_to_insist_on_TLS_in_production_only()
    {
        // TLS ends in front of the gateway, so the scheme comes from the proxy there.
        await using var production = GatewayApplication.InProduction();
        await using var development = new GatewayApplication().Set("ForwardedHeaders:KnownNetworks:0", "127.0.0.0/8");

        Assert.Contains("max-age=31536000", await StrictTransportSecurityAsync(production), StringComparison.Ordinal);
        Assert.Empty(await StrictTransportSecurityAsync(development));
    }

    private static async Task<string> StrictTransportSecurityAsync(GatewayApplication gateway)
    {
        using var client = gateway.CreateVisitor();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health");
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Host", "bot.example");
        request.Headers.Add("X-Forwarded-For", "203.0.113.7");
        using var response = await client.SendAsync(request);
        return response.Headers.TryGetValues("Strict-Transport-Security", out var values) ? string.Join(",", values) : string.Empty;
    }

    [Theory]
    [InlineData("DataProtection:Certificate", null)]
    [InlineData("DataProtection:Certificate", "bm90IGEgcGZ4")]
    [InlineData("Session:ClientSecret", null)]
    [InlineData("Session:ClientSecret", "short")]
    [InlineData("Authentication:Issuer", null)]
    [InlineData("Authentication:Issuer", "http://bot.test/")]
    public async Task What_protects_people_is_demanded_in_production(string key, string? value)
    {
        await using var gateway = GatewayApplication.InProduction().Set(key, value);

        var exception = Assert.ThrowsAny<OptionsValidationException>(gateway.CreateVisitor);

        Assert.Contains(key.Split(':')[^1], exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Cors:Origins:0", "https://app.example/path")]
    [InlineData("RateLimits:Api:Requests", "0")]
    [InlineData("RateLimits:LeaseSize", "0")]
    [InlineData("Session:IdleTimeout", "00:00:01")]
    [InlineData("KeyCache:Lifetime", "00:01:00")]
    [InlineData("services:billing:http:0", "https://billing")]
    [InlineData("services:billing:http:0", "billing:80")]
    [InlineData("Routing:StandardTimeout", "00:00:00")]
    [InlineData("Status:PollInterval", "1.00:00:00")]
    [InlineData("ForwardedHeaders:KnownNetworks:0", "somewhere")]
    public async Task A_value_that_cannot_be_right_stops_the_process(string key, string value)
    {
        await using var gateway = new GatewayApplication().Set(key, value);

        Assert.ThrowsAny<OptionsValidationException>(gateway.CreateVisitor);
    }
}
