using System.Diagnostics;
using System.Net;
using BotGeneric.Contracts.Identity;
using BotGeneric.Gateway.Routing;
using BotGeneric.Gateway.Tests.Support;

namespace BotGeneric.Gateway.Tests;

public sealed class HeaderTests : IAsyncLifetime
{
    private StubService _service = null!;

    public async Task InitializeAsync() => _service = await StubService.StartAsync("done");

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Theory]
    [InlineData("X-User-Id")]
    [InlineData("x-user-roles")]
    [InlineData("X-Tenant-Id")]
    [InlineData("X-Internal-Caller")]
    [InlineData("X-Forwarded-User")]
    [InlineData("X-Forwarded-Prefix")]
    [InlineData("X-Forwarded-Port")]
    [InlineData("X-Original-For")]
    [InlineData("X-Original-URL")]
    [InlineData("X-Real-IP")]
    [InlineData("Forwarded")]
    [InlineData("baggage")]
    [InlineData("tracestate")]
    public async Task What_only_the_gateway_may_say_is_removed_from_a_request(string header)
    {
        await using var gateway = new GatewayApplication().With(ServiceNames.Billing, _service.Address);

        var seen = await SendAsync(gateway, (header, "forged=1"));

        Assert.DoesNotContain(header, seen.Headers.Keys, StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_service_learns_where_the_request_comes_from_by_the_connection_not_by_what_the_caller_says()
    {
        await using var gateway = new GatewayApplication().With(ServiceNames.Billing, _service.Address);

        var seen = await SendAsync(gateway, ("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example"));

        Assert.Contains(seen.Headers["X-Forwarded-For"], new[] { "127.0.0.1", "::1", "::ffff:127.0.0.1" });
        Assert.Equal("http", seen.Headers["X-Forwarded-Proto"]);
        Assert.Equal(gateway.ClientOptions.BaseAddress.Authority, seen.Headers["X-Forwarded-Host"]);
    }

    [Fact]
    public async Task A_configured_proxy_is_believed()
    {
        await using var gateway = new GatewayApplication().With(ServiceNames.Billing, _service.Address)
            .Set("ForwardedHeaders:KnownNetworks:0", "127.0.0.0/8");

        var seen = await SendAsync(
            gateway, ("X-Forwarded-For", "198.51.100.1, 203.0.113.7"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "bot.example"));

        // One proxy is configured, so only the entry that it wrote counts: the last one.
        Assert.Equal("203.0.113.7", seen.Headers["X-Forwarded-For"]);
        Assert.Equal("https", seen.Headers["X-Forwarded-Proto"]);
        Assert.Equal("bot.example", seen.Headers["X-Forwarded-Host"]);
    }

    [Fact]
    public async Task The_credential_is_passed_on_in_the_one_form_that_services_know()
    {
        await using var world = await EdgeWorld.StartAsync();
        var key = ApiKeyFormat.Generate();
        world.Identity.Keys[key] = new FakeKey(Guid.CreateVersion7());
        using var client = world.Gateway.CreateVisitor();
        client.DefaultRequestHeaders.Add("X-Api-Key", key);

        using var response = await client.GetAsync("/api/plans");

        var seen = Assert.Single(world.Service.Requests);
        Assert.StartsWith("Bearer ey", seen.Headers["Authorization"], StringComparison.Ordinal);
        Assert.DoesNotContain("X-Api-Key", seen.Headers.Keys, StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_caller_cannot_join_a_trace()
    {
        await using var gateway = new GatewayApplication().With(ServiceNames.Billing, _service.Address);

        var seen = await SendAsync(gateway, ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));

        Assert.True(ActivityContext.TryParse(seen.Headers["traceparent"], null, out var context));
        Assert.NotEqual("0af7651916cd43dd8448eb211c80319c", context.TraceId.ToHexString());
    }

    [Fact]
    public async Task A_trusted_caller_can_join_a_trace()
    {
        await using var gateway = new GatewayApplication().With(ServiceNames.Billing, _service.Address).Set("Tracing:TrustCallers", "true");

        var seen = await SendAsync(gateway, ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));

        Assert.True(ActivityContext.TryParse(seen.Headers["traceparent"], null, out var context));
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", context.TraceId.ToHexString());
    }

    [Fact]
    public async Task An_answer_carries_the_security_headers_and_does_not_say_what_made_it()
    {
        await using var talkative = await StubService.StartAsync(context =>
        {
            context.Response.Headers.Server = "Kestrel";
            context.Response.Headers.XPoweredBy = "ASP.NET";
            return Task.CompletedTask;
        });
        await using var gateway = new GatewayApplication().With(ServiceNames.Billing, talkative.Address);
        using var client = gateway.CreateVisitor();

        foreach (var path in new[] { "/api/plans", "/nothing", "/status", "/docs/", "/api/usage" })
        {
            using var response = await client.GetAsync(path);

            Assert.Equal("nosniff", Header(response, "X-Content-Type-Options"));
            Assert.Equal("DENY", Header(response, "X-Frame-Options"));
            Assert.Contains("frame-ancestors 'none'", Header(response, "Content-Security-Policy"), StringComparison.Ordinal);
            Assert.Contains("default-src 'none'", Header(response, "Content-Security-Policy"), StringComparison.Ordinal);
            Assert.Equal("strict-origin-when-cross-origin", Header(response, "Referrer-Policy"));
            Assert.Contains("camera=()", Header(response, "Permissions-Policy"), StringComparison.Ordinal);
            Assert.Null(Header(response, "Server"));
            Assert.Null(Header(response, "X-Powered-By"));
        }
    }

    [Fact]
    public async Task A_page_keeps_the_content_security_policy_of_the_service_that_wrote_it()
    {
        await using var page = await StubService.StartAsync(context =>
        {
            context.Response.Headers.ContentSecurityPolicy = "default-src 'self'; script-src 'nonce-abc'";
            return Task.CompletedTask;
        });
        await using var gateway = new GatewayApplication().With(ServiceNames.Landing, page.Address);
        using var client = gateway.CreateVisitor();

        using var response = await client.GetAsync("/en");

        Assert.Equal("default-src 'self'; script-src 'nonce-abc'", Header(response, "Content-Security-Policy"));
        Assert.Equal("nosniff", Header(response, "X-Content-Type-Options"));
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

    private async Task<StubRequest> SendAsync(GatewayApplication gateway, params (string Name, string Value)[] headers)
    {
        using var client = gateway.CreateVisitor();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/plans");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return Assert.Single(_service.Requests);
    }
}
