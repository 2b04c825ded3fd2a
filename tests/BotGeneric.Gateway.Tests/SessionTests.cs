using System.Net;
using System.Net.Http.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Gateway.Session;
using BotGeneric.Gateway.Tests.Support;
using BotGeneric.Testing;

namespace BotGeneric.Gateway.Tests;

public sealed class SessionTests : IAsyncLifetime
{
    private EdgeWorld _world = null!;

    public async Task InitializeAsync() => _world = await EdgeWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task A_person_signs_in_and_the_service_gets_a_token_and_no_cookie_of_the_session()
    {
        using var browser = _world.Browser();
        browser.Cookies["theme"] = "dark";
        using var page = await browser.SignInAsync("/app?tab=keys");

        Assert.Equal("served", await page.Content.ReadAsStringAsync());
        var seen = _world.Service.Requests.Last();
        Assert.Equal("/app?tab=keys", seen.Target);
        Assert.StartsWith("Bearer ey", seen.Headers["Authorization"], StringComparison.Ordinal);
        Assert.Equal("theme=dark", seen.Headers["Cookie"]);

        var session = await (await browser.GetAsync("/session")).Content.ReadFromJsonAsync<SessionDocument>();
        Assert.True(session!.SignedIn);
        Assert.Equal(_world.Identity.Subject.ToString(), session.Sub);
        Assert.Equal("Olena", session.Name);
    }

    [Fact]
    public async Task The_browser_never_holds_a_token()
    {
        using var browser = _world.Browser();
        using var page = await browser.SignInAsync();

        Assert.DoesNotContain(browser.Cookies.Values, value => value.Contains(_world.LastToken, StringComparison.Ordinal));
        Assert.DoesNotContain(_world.LastToken, await (await browser.GetAsync("/session")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_development_the_cookie_is_readable_by_the_server_alone_and_by_this_site_alone()
    {
        using var browser = _world.Browser();
        using var page = await browser.SignInAsync();

        Assert.Contains("session", browser.Cookies.Keys);
        Assert.DoesNotContain("__Host-session", browser.Cookies.Keys);
    }

    [Fact]
    public async Task Over_tls_the_cookie_is_bound_to_the_host()
    {
        await using var secure = await EdgeWorld.StartAsync(
            gateway => gateway.Set("ForwardedHeaders:KnownNetworks:0", "127.0.0.0/8"), issuer: "https://bot.test/");
        using var browser = secure.Browser();
        var cookies = new List<Microsoft.Net.Http.Headers.SetCookieHeaderValue>();
        var next = "/session/login?returnUrl=/app";
        for (var step = 0; step < 3; step++)
        {
            using var response = await browser.GetAsync(next);
            cookies.AddRange(browser.SetCookies);
            next = response.Headers.Location!.ToString();
        }

        var session = cookies.Last(cookie => cookie.Name == "__Host-session");
        Assert.True(session.Secure);
        Assert.True(session.HttpOnly);
        Assert.Equal("/", session.Path.ToString());
        Assert.False(session.Domain.HasValue);
        Assert.Equal(Microsoft.Net.Http.Headers.SameSiteMode.Lax, session.SameSite);
        Assert.All(cookies, cookie => Assert.True(cookie.Secure));
    }

    [Fact]
    public async Task Signing_in_begins_another_session_and_ends_the_one_that_was_planted()
    {
        using var attacker = _world.Browser();
        using var first = await attacker.SignInAsync();
        var planted = attacker.SessionCookie!;
        using var victim = _world.Browser();
        victim.Cookies["session"] = planted;

        using var second = await victim.SignInAsync();

        Assert.NotEqual(planted, victim.SessionCookie);
        using var stale = await attacker.GetAsync("/api/subscriptions");
        Assert.Equal(HttpStatusCode.Unauthorized, stale.StatusCode);
        using var live = await victim.GetAsync("/api/subscriptions");
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("\\\\evil.example")]
    [InlineData("https://evil.example/")]
    [InlineData("https:evil.example")]
    [InlineData("evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("/%0a/../\n/evil")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/a\\b")]
    [InlineData(" /app")]
    public async Task A_sign_in_does_not_lead_to_another_site(string returnUrl)
    {
        using var browser = _world.Browser();

        using var response = await browser.GetAsync($"/session/login?returnUrl={Uri.EscapeDataString(returnUrl)}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Step_up_asks_for_a_second_factor_that_acts_of_admins_accept()
    {
        using var browser = _world.Browser();

        using var response = await browser.GetAsync("/session/login?prompt=step-up&returnUrl=/app");
        using var unknown = await browser.GetAsync("/session/login?prompt=none");

        var asked = _world.Identity.Asked(response.Headers.Location!);
        Assert.Equal(("urn:botgeneric:acr:mfa", "900"), (asked["acr_values"], asked["max_age"]));
        Assert.False(asked.ContainsKey("prompt"));
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
    }

    [Fact]
    public async Task A_page_leads_to_the_sign_in_and_an_api_says_401()
    {
        using var browser = _world.Browser();

        using var page = await browser.GetAsync("/app/usage?days=7", request => request.Headers.Accept.ParseAdd("text/html"));
        using var api = await browser.GetAsync("/api/subscriptions", request => request.Headers.Accept.ParseAdd("text/html"));

        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
        Assert.Equal("/session/login?returnUrl=%2Fapp%2Fusage%3Fdays%3D7", page.Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.Unauthorized, api.StatusCode);
    }

    [Fact]
    public async Task A_sign_in_that_was_begun_elsewhere_is_not_completed()
    {
        using var attacker = _world.Browser();
        using var login = await attacker.GetAsync("/session/login");
        using var authorized = await attacker.GetAsync(login.Headers.Location!.ToString());
        using var victim = _world.Browser();

        using var response = await victim.GetAsync(authorized.Headers.Location!.ToString());

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Null(victim.SessionCookie);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_here_and_at_identity()
    {
        using var browser = _world.Browser();
        using var page = await browser.SignInAsync();
        var cookie = browser.SessionCookie!;

        using var response = await browser.SendAsync(HttpMethod.Post, "/session/logout", request => request.Headers.Add("Sec-Fetch-Site", "same-origin"));

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.StartsWith("http://bot.test/connect/logout?id_token_hint=ey", response.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Null(browser.SessionCookie);
        Assert.Single(_world.Identity.Revoked);
        browser.Cookies["session"] = cookie;
        using var replayed = await browser.GetAsync("/api/subscriptions");
        Assert.Equal(HttpStatusCode.Unauthorized, replayed.StatusCode);
    }

    [Fact]
    public async Task Another_site_cannot_sign_a_person_out()
    {
        using var browser = _world.Browser();
        using var page = await browser.SignInAsync();

        using var response = await browser.SendAsync(HttpMethod.Post, "/session/logout", request => request.Headers.Add("Sec-Fetch-Site", "cross-site"));

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.NotNull(browser.SessionCookie);
    }

    [Fact]
    public async Task A_revoked_session_is_refused_within_a_second()
    {
        await EdgeWorld.HearsAsync(_world.Gateway);
        using var kept = _world.Browser();
        (await kept.SignInAsync()).Dispose();

        await EdgeWorld.WithinASecondAsync(async () =>
        {
            using var revoked = _world.Browser();
            (await revoked.SignInAsync()).Dispose();
            var said = await EdgeWorld.SayAsync(new SessionsRevoked
            {
                EventId = Guid.CreateVersion7(),
                OccurredAt = TimeProvider.System.GetUtcNow(),
                UserId = _world.Identity.Subject,
                SessionIds = [_world.Identity.Sessions.Last()],
            });
            await Eventually.EqualAsync(HttpStatusCode.Unauthorized, () => StatusAsync(revoked), "the session to be refused");
            return (said, revoked.SessionCookie);
        });

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(kept));
    }

    [Fact]
    public async Task Everything_of_a_person_can_be_revoked_and_the_person_can_sign_in_again()
    {
        await EdgeWorld.HearsAsync(_world.Gateway);
        using var browser = _world.Browser();
        (await browser.SignInAsync()).Dispose();
        var token = _world.LastToken;

        await EdgeWorld.SayAsync(new SessionsRevoked
        {
            EventId = Guid.CreateVersion7(),
            OccurredAt = TimeProvider.System.GetUtcNow(),
            UserId = _world.Identity.Subject,
        });

        await Eventually.EqualAsync(HttpStatusCode.Unauthorized, () => StatusAsync(browser), "the session to be refused");
        // The token itself, taken from somewhere and presented directly, is refused as well.
        using var thief = _world.Browser();
        using var direct = await thief.GetAsync("/api/subscriptions", request => request.Headers.Authorization = new("Bearer", token));
        Assert.Equal(HttpStatusCode.Unauthorized, direct.StatusCode);

        (await browser.SignInAsync()).Dispose();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(browser));
    }

    [Fact]
    public async Task A_role_that_was_taken_away_is_gone_with_the_next_token()
    {
        _world.Identity.Role = "admin";
        _world.Identity.Scope = ApiScopes.Admin;
        _world.Identity.TokenLifetime = TimeSpan.FromSeconds(61);
        using var admin = _world.Browser();
        (await admin.SignInAsync()).Dispose();
        using var before = await admin.GetAsync("/api/admin/plans");
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);

        _world.Identity.Role = null;
        await Eventually.EqualAsync(
            HttpStatusCode.Forbidden, async () => (await admin.GetAsync("/api/admin/plans")).StatusCode, "the role to be gone");
    }

    private static async Task<HttpStatusCode> StatusAsync(Browser browser)
    {
        using var response = await browser.GetAsync("/api/subscriptions");
        return response.StatusCode;
    }
}
