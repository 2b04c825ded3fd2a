using BotGeneric.Gateway.Routing;

namespace BotGeneric.Gateway.Tests;

public sealed class RouteTableTests
{
    public static TheoryData<string> Patterns => [.. RouteTable.Routes.Select(route => route.Pattern)];

    [Fact]
    public void A_route_that_says_nothing_about_access_demands_a_credential() =>
        Assert.Equal(RouteAccess.Authenticated, new GatewayRoute("/somewhere", ServiceNames.Billing).Access);

    [Fact]
    public void A_pattern_stands_once() => Assert.Distinct(RouteTable.Routes.Select(route => route.Pattern));

    [Fact]
    public void What_is_open_without_a_credential_is_exactly_this()
    {
        string[] open =
        [
            "/", "/en/{**rest}", "/ru/{**rest}", "/uk/{**rest}", "/_content/{**rest}", "/_framework/{**rest}", "/assets/{**rest}",
            "/favicon.ico", "/robots.txt", "/sitemap.xml", "/{**path}",
            "/login/{**rest}", "/register/{**rest}", "/account/{**rest}", "/connect/{**rest}", "/.well-known/{**rest}",
            "/account/external/apple/callback", "/account/external/apple/notifications", "/connect/authorize", "/connect/endsession", "/connect/logout",
            "/connect/token", "/connect/par", "/connect/introspect", "/connect/revocation", "/connect/revoke", "/connect/deviceauthorization", "/connect/device", "/connect/userinfo",
            "/api/plans/{**rest}", "/webhooks/paddle", "/telegram/webhook/{botKey}",
            .. ServiceNames.WithApi.Select(service => $"/docs/openapi/{service}.json"),
        ];

        Assert.Equal(
            open.Order(),
            RouteTable.Routes.Where(route => route.Access is RouteAccess.Public or RouteAccess.Webhook).Select(route => route.Pattern).Order());
    }

    [Theory]
    [MemberData(nameof(Patterns))]
    public void What_is_for_admins_only_lies_under_an_admin_path_and_nothing_else_does(string pattern)
    {
        var isAdminPath = pattern.StartsWith("/api/admin/", StringComparison.Ordinal) || pattern.StartsWith("/admin/", StringComparison.Ordinal);

        Assert.Equal(isAdminPath, Route(pattern).Access == RouteAccess.Admin);
    }

    [Fact]
    public void What_other_sites_may_send_is_exactly_this() => Assert.Equal(
        new[]
        {
            "/account/external/apple/callback", "/account/external/apple/notifications", "/webhooks/paddle", "/telegram/webhook/{botKey}",
            "/connect/authorize", "/connect/endsession", "/connect/logout",
            "/connect/token", "/connect/par", "/connect/introspect", "/connect/revocation", "/connect/revoke", "/connect/deviceauthorization", "/connect/device", "/connect/userinfo",
        }.Order(),
        RouteTable.Routes.Where(route => route.Rules.CrossSite == CrossSiteRule.Exempt).Select(route => route.Pattern).Order());

    [Theory]
    [InlineData("/api/usage/events", 5 * 1024 * 1024)]
    [InlineData("/api/admin/prices/import", 8 * 1024 * 1024)]
    [InlineData("/webhooks/paddle", 2 * 1024 * 1024)]
    [InlineData("/telegram/webhook/{botKey}", 1024 * 1024)]
    [InlineData("/api/subscriptions/{**rest}", 256 * 1024)]
    public void A_body_may_be_as_large_as_its_purpose_needs(string pattern, long bytes) => Assert.Equal(bytes, Route(pattern).MaxBodyBytes);

    [Fact]
    public void Streams_are_conversations_the_compatible_endpoint_and_exports_of_any_length() => Assert.Equal(
        ["/api/admin/usage/entries", "/api/conversations/{**rest}", "/api/usage/history/export", "/v1/{**rest}"],
        RouteTable.Routes.Where(route => route.Timeout == RouteTimeout.Streaming).Select(route => route.Pattern).Order());

    private static GatewayRoute Route(string pattern) => RouteTable.Routes.Single(route => route.Pattern == pattern);
}
