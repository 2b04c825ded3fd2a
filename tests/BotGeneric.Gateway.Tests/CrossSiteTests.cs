using System.Net;
using System.Text;
using BotGeneric.Gateway.Routing;
using BotGeneric.Gateway.Tests.Support;
using Microsoft.Extensions.Options;

namespace BotGeneric.Gateway.Tests;

public sealed class CrossSiteTests : IAsyncLifetime
{
    private const string Json = "application/json";
    private const string Form = "application/x-www-form-urlencoded";

    private EdgeWorld _world = null!;
    private Browser _browser = null!;

    public async Task InitializeAsync()
    {
        _world = await EdgeWorld.StartAsync(gateway => gateway
            .With(ServiceNames.Telegram, "http://127.0.0.1:9")
            .Set("Cors:Origins:0", "https://app.example").Set("Cors:AllowCredentials", "true"));
        _browser = _world.Browser();
        (await _browser.SignInAsync()).Dispose();
    }

    public async Task DisposeAsync()
    {
        _browser.Dispose();
        await _world.DisposeAsync();
    }

    [Theory]
    // Safe methods pass, wherever they come from.
    [InlineData("GET", null, "cross-site", null, null, true)]
    [InlineData("HEAD", null, "cross-site", null, null, true)]
    // A trusted origin passes.
    [InlineData("POST", "https://app.example", "cross-site", Json, "1", true)]
    [InlineData("POST", "http://bot.test", null, Json, "1", true)]
    // Sec-Fetch-Site decides.
    [InlineData("POST", null, "same-origin", Json, "1", true)]
    [InlineData("POST", null, "none", Json, "1", true)]
    [InlineData("POST", null, "same-site", Json, "1", false)]
    [InlineData("POST", null, "cross-site", Json, "1", false)]
    [InlineData("POST", null, "CROSS-SITE", Json, "1", false)]
    [InlineData("POST", null, "anything", Json, "1", false)]
    [InlineData("POST", "http://HOST", "cross-site", Json, "1", false)]
    // Without it the origin must be the host.
    [InlineData("POST", "http://HOST", null, Json, "1", true)]
    [InlineData("POST", "https://HOST", null, Json, "1", false)]
    [InlineData("POST", "http://evil.example", null, Json, "1", false)]
    [InlineData("POST", "null", null, Json, "1", false)]
    [InlineData("PUT", "http://evil.example", null, Json, "1", false)]
    [InlineData("DELETE", "http://evil.example", null, null, "1", false)]
    [InlineData("PATCH", "http://evil.example", null, Json, "1", false)]
    // Neither: no browser.
    [InlineData("POST", null, null, Json, "1", true)]
    // A script says so; a form need not.
    [InlineData("POST", null, "same-origin", Json, null, false)]
    [InlineData("POST", null, "same-origin", Json, "0", false)]
    [InlineData("POST", null, "same-origin", "text/plain", null, false)]
    [InlineData("DELETE", null, "same-origin", null, null, false)]
    [InlineData("POST", null, "same-origin", Form, null, true)]
    public async Task With_the_session_cookie_a_change_must_come_from_this_site(
        string method, string? origin, string? site, string? contentType, string? header, bool passes)
    {
        using var response = await SendAsync(_browser, method, "/api/subscriptions", origin, site, contentType, header);

        Assert.Equal(passes ? HttpStatusCode.OK : HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Theory]
    [InlineData("/login", false)]
    [InlineData("/register", false)]
    [InlineData("/account/password", false)]
    [InlineData("/account/device", false)]
    [InlineData("/connect/signed-out", false)]
    [InlineData("/connect/authorize/more", false)]
    [InlineData("/session/logout", false)]
    [InlineData("/connect/authorize", true)]
    [InlineData("/connect/endsession", true)]
    [InlineData("/connect/logout", true)]
    [InlineData("/connect/token", true)]
    [InlineData("/connect/revoke", true)]
    [InlineData("/account/external/apple/callback", true)]
    [InlineData("/account/external/apple/notifications", true)]
    [InlineData("/webhooks/paddle", true)]
    public async Task Pages_with_a_cookie_of_their_own_are_protected_and_vendors_and_applications_get_through(string path, bool passes)
    {
        using var visitor = _world.Browser();

        using var response = await SendAsync(visitor, "POST", path, "https://appleid.apple.com", "cross-site", Form, null);

        Assert.Equal(!passes, response.StatusCode == HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_caller_with_a_credential_of_its_own_is_not_asked_where_it_comes_from()
    {
        using var client = _world.Gateway.CreateVisitor();
        client.DefaultRequestHeaders.Authorization = new("Bearer", _world.Identity.AccessToken(new System.Security.Claims.Claim("sub", Guid.CreateVersion7().ToString())));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/subscriptions");
        request.Headers.Add("Origin", "https://evil.example");
        request.Headers.Add("Sec-Fetch-Site", "cross-site");

        using var response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("https://app.example", "https://app.example")]
    [InlineData("https://evil.example", null)]
    public async Task Only_a_configured_origin_may_read_the_api(string origin, string? allowed)
    {
        using var response = await SendAsync(_browser, "GET", "/api/subscriptions", origin, "cross-site", null, null);

        Assert.Equal(allowed, Header(response, "Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("/api/admin/plans")]
    [InlineData("/app")]
    [InlineData("/session")]
    public async Task Pages_and_what_is_for_admins_are_never_shared(string path)
    {
        using var response = await SendAsync(_browser, "GET", path, "https://app.example", "cross-site", null, null);

        Assert.Null(Header(response, "Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_preflight_needs_no_credential()
    {
        using var visitor = _world.Browser();
        using var response = await visitor.SendAsync(HttpMethod.Options, "/api/subscriptions", request =>
        {
            request.Headers.Add("Origin", "https://app.example");
            request.Headers.Add("Access-Control-Request-Method", "POST");
            request.Headers.Add("Access-Control-Request-Headers", "x-csrf");
        });

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("https://app.example", Header(response, "Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task By_default_no_other_site_may_read_anything()
    {
        await using var world = await EdgeWorld.StartAsync();
        using var visitor = world.Browser();

        using var response = await SendAsync(visitor, "GET", "/api/plans", "https://app.example", "cross-site", null, null);

        Assert.Null(Header(response, "Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Every_site_with_credentials_is_refused_at_start()
    {
        await using var gateway = new GatewayApplication().Set("Cors:Origins:0", "*").Set("Cors:AllowCredentials", "true");

        Assert.ThrowsAny<OptionsValidationException>(gateway.CreateVisitor);
    }

    [Fact]
    public async Task A_service_cannot_set_the_sessions_cookie()
    {
        await using var forging = await StubService.StartAsync(context =>
        {
            context.Response.Headers.SetCookie = new[] { "session=forged; Path=/", "__Host-session=forged; Path=/", "theme=dark" };
            return Task.CompletedTask;
        });
        await using var gateway = new GatewayApplication().With(ServiceNames.Billing, forging.Address);
        using var client = gateway.CreateVisitor();

        using var response = await client.GetAsync("/api/plans");

        Assert.Equal("theme=dark", Header(response, "Set-Cookie"));
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

    private Task<HttpResponseMessage> SendAsync(
        Browser browser, string method, string path, string? origin, string? site, string? contentType, string? header) =>
        browser.SendAsync(new HttpMethod(method), path, request =>
        {
            if (origin is not null)
            {
                request.Headers.TryAddWithoutValidation("Origin", origin.Replace("HOST", _world.Gateway.ClientOptions.BaseAddress.Authority, StringComparison.Ordinal));
            }

            if (site is not null)
            {
                request.Headers.Add("Sec-Fetch-Site", site);
            }

            if (header is not null)
            {
                request.Headers.Add("X-CSRF", header);
            }

            if (contentType is not null)
            {
                request.Content = new StringContent(contentType == Json ? "{}" : "a=b", Encoding.UTF8, contentType);
            }
        });
}
