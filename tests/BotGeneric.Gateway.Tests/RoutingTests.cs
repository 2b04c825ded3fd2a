using System.Net;
using BotGeneric.Gateway.Routing;

namespace BotGeneric.Gateway.Tests;

/// <summary>One gateway in front of all services, each of which answers with its own name.</summary>
public sealed class WholeSystem : IAsyncLifetime
{
    private readonly Dictionary<string, StubService> _services = [];

    public GatewayApplication Gateway { get; } = new();

    public StubService this[string service] => _services[service];

    public async Task InitializeAsync()
    {
        foreach (var name in ServiceNames.All)
        {
            _services[name] = await StubService.StartAsync(name);
            Gateway.With(name, _services[name].Address);
        }
    }

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        foreach (var service in _services.Values)
        {
            await service.DisposeAsync();
        }
    }
}

public sealed class RoutingTests(WholeSystem system) : IClassFixture<WholeSystem>
{
    public static TheoryData<string> Patterns => [.. RouteTable.Routes.Where(route => !route.IsNotFoundPage).Select(route => route.Pattern)];

    [Theory]
    [MemberData(nameof(Patterns))]
    public async Task Every_route_reaches_its_service(string pattern)
    {
        var route = RouteTable.Routes.Single(route => route.Pattern == pattern);
        using var client = system.Gateway.CreateOperator();

        Assert.Equal(route.Service, await client.GetStringAsync(Path(pattern)));
    }

    [Theory]
    [MemberData(nameof(Patterns))]
    public async Task Every_route_lets_through_without_a_credential_only_if_its_line_says_so(string pattern)
    {
        var route = RouteTable.Routes.Single(route => route.Pattern == pattern);
        using var client = system.Gateway.CreateVisitor();

        using var response = await client.GetAsync(Path(pattern));

        Assert.Equal(
            route.Access is RouteAccess.Public or RouteAccess.Webhook ? HttpStatusCode.OK : HttpStatusCode.Unauthorized,
            response.StatusCode);
    }

    [Theory]
    [InlineData("/api/subscriptions", "billing")]
    [InlineData("/api/admin/subscriptions", "billing")]
    [InlineData("/api/admin/transactions", "billing")]
    [InlineData("/api/admin/adjustments", "billing")]
    [InlineData("/api/usage", "usage")]
    [InlineData("/api/usage/history", "usage")]
    [InlineData("/v1/chat/completions", "agents")]
    [InlineData("/en/pricing", "landing")]
    [InlineData("/api/admin/messaging/policy/dead-letters", "policy")]
    public async Task A_path_and_what_lies_below_it_go_to_the_same_service(string path, string service)
    {
        using var client = system.Gateway.CreateOperator();

        Assert.Equal(service, await client.GetStringAsync(path));
    }

    [Theory]
    [InlineData("/nothing")]
    [InlineData("/api/nothing")]
    [InlineData("/api/admin/nothing")]
    [InlineData("/api/admin/messaging/nothing")]
    [InlineData("/webhooks/nothing")]
    [InlineData("/telegram/webhook/")]
    public async Task An_unknown_path_is_not_found_whoever_asks(string path)
    {
        using var visitor = system.Gateway.CreateVisitor();
        using var admin = system.Gateway.CreateOperator();

        using var toVisitor = await visitor.GetAsync(path);
        using var toAdmin = await admin.PostAsync(path, content: null);

        Assert.Equal(HttpStatusCode.NotFound, toVisitor.StatusCode);
        Assert.Equal("application/problem+json", toVisitor.Content.Headers.ContentType?.MediaType);
        Assert.Equal(HttpStatusCode.NotFound, toAdmin.StatusCode);
    }

    [Fact]
    public async Task A_browser_that_asks_for_an_unknown_page_gets_the_landing_services_answer()
    {
        using var client = system.Gateway.CreateVisitor();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/nothing/here?at=all");
        request.Headers.Accept.ParseAdd("text/html,application/xhtml+xml,*/*;q=0.8");

        using var response = await client.SendAsync(request);

        Assert.Equal(ServiceNames.Landing, await response.Content.ReadAsStringAsync());
        Assert.Equal("/nothing/here?at=all", system[ServiceNames.Landing].Requests.Last().Target);
    }

    [Theory]
    [InlineData("/api/nothing", HttpStatusCode.NotFound)]
    [InlineData("/api/admin/nothing", HttpStatusCode.NotFound)]
    [InlineData("/api/subscriptions", HttpStatusCode.Unauthorized)]
    public async Task An_error_of_the_api_is_a_problem_for_a_browser_too(string path, HttpStatusCode status)
    {
        using var client = system.Gateway.CreateVisitor();
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html,application/xhtml+xml");

        using var response = await client.GetAsync(path);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_document_is_fetched_where_services_keep_it()
    {
        using var client = system.Gateway.CreateVisitor();

        await client.GetStringAsync("/docs/openapi/usage.json");

        Assert.Equal("/openapi/v1.json", system[ServiceNames.Usage].Requests.Last().Target);
    }

    [Fact]
    public async Task Replicas_share_the_requests()
    {
        await using var first = await StubService.StartAsync("first");
        await using var second = await StubService.StartAsync("second");
        await using var gateway = new GatewayApplication().With(ServiceNames.Billing, first.Address, second.Address);
        using var client = gateway.CreateVisitor();

        // Two random choices of two: 60 requests miss one of them once in 2^60 runs.
        for (var count = 0; count < 60; count++)
        {
            await client.GetStringAsync("/api/plans");
        }

        Assert.NotEmpty(first.Requests);
        Assert.NotEmpty(second.Requests);
    }

    private static string Path(string pattern) =>
        pattern.Replace("{**rest}", "some/thing", StringComparison.Ordinal).Replace("{botKey}", "key", StringComparison.Ordinal);
}
