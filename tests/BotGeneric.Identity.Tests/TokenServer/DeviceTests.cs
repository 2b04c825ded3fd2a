using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Identity.Tests.Support;
using BotGeneric.Identity.TokenServer;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests.TokenServer;

public sealed class DeviceTests(TokenServerApplication identity) : IClassFixture<TokenServerApplication>, IAsyncLifetime
{
    private readonly Flow _device = new(identity.CreateClient());

    public Task InitializeAsync() => identity.RegisterClientsAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_device_is_signed_in_by_somebody_who_sees_its_code()
    {
        var user = await identity.AddUserAsync();
        using var browser = await identity.SignInAsync(user, "pwd", "mfa");
        var started = await StartAsync();
        Assert.Equal($"{IdentityApplication.Origin}account/device", started.Text("verification_uri"));
        Assert.Equal(5, started.Json["interval"]!.GetValue<int>());
        Assert.Equal("authorization_pending", (await PollAsync(started)).Error);

        using var page = await browser.SubmitAsync("/account/device", "/account/device", ("user_code", started.Text("user_code")!.ToLowerInvariant()));
        var html = await page.Content.ReadAsStringAsync();
        Assert.Contains("Desktop", html, StringComparison.Ordinal);
        Assert.Contains(started.Text("user_code")!, html, StringComparison.Ordinal);
        using var allowed = await browser.SubmitAsync(new Browser.Form(html, "/account/device"), ("decision", "allow"));
        Assert.Equal("/account/device/allowed", allowed.Headers.Location!.ToString());
        Assert.Contains("notice-success", await browser.ReadAsync("/account/device/allowed"), StringComparison.Ordinal);

        identity.Clock.Advance(TimeSpan.FromSeconds(5));
        var tokens = await PollAsync(started);
        Assert.Equal(user.Id.ToString(), tokens.Access.Subject);
        // A session of its own, not that of the browser in which it was allowed.
        var sessionId = Guid.Parse(tokens.Access.GetPayloadValue<string>("sid"));
        Assert.Equal(
            TokenServerApplication.PublicClient,
            await identity.WithDatabaseAsync(db => db.Sessions.Where(session => session.Id == sessionId && session.UserId == user.Id).Select(session => session.ClientId).SingleAsync()));
        Assert.Equal("invalid_grant", (await PollAsync(started)).Error);
    }

    [Fact]
    public async Task A_device_goes_on_when_the_browser_signs_out_and_ends_when_everything_is_revoked()
    {
        var user = await identity.AddUserAsync();
        using var browser = await identity.SignInAsync(user);
        var started = await StartAsync();
        await DecideAsync(browser, started, "allow");
        var tokens = await PollAsync(started);
        identity.Clock.Advance(TimeSpan.FromSeconds(2));

        await identity.WithDatabaseAsync(async db =>
        {
            db.Sessions.Single(session => session.UserId == user.Id && session.ClientId == null).Revoke(identity.Clock.GetUtcNow());
            return await db.SaveChangesAsync();
        });
        var second = await _device.RefreshAsync(tokens.RefreshToken, Client());
        Assert.Null(second.Error);

        identity.Clock.Advance(TimeSpan.FromSeconds(2));
        await identity.ChangeAsync(user.Id, changed => changed.RevokeTokens(identity.Clock.GetUtcNow()));
        Assert.Equal("invalid_grant", (await _device.RefreshAsync(second.RefreshToken, Client())).Error);
    }

    [Fact]
    public async Task A_device_is_listed_with_the_other_sessions_and_ends_with_them()
    {
        var user = await identity.AddUserAsync();
        using var browser = await identity.SignInAsync(user);
        var (one, two) = (await SignInAsync(browser), await SignInAsync(browser));
        var page = await browser.ReadAsync("/account/sessions");
        using var api = identity.CreateClient();
        api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", one.AccessToken);
        var list = await api.GetFromJsonAsync<JsonElement>("/api/sessions");
        Assert.Equal(2, page.Split("<strong>Desktop</strong>").Length - 1);
        Assert.Equal(2, list.GetProperty("items").EnumerateArray().Count(item => item.GetProperty("application").GetString() == "Desktop"));
        Assert.Equal(
            one.Access.GetPayloadValue<string>("sid"),
            Assert.Single(list.GetProperty("items").EnumerateArray(), item => item.GetProperty("isCurrent").GetBoolean()).GetProperty("id").GetString());

        using var ended = await browser.SubmitAsync("/account/sessions", $"/account/sessions/{one.Access.GetPayloadValue<string>("sid")}/revoke");
        Assert.Equal("invalid_grant", (await _device.RefreshAsync(one.RefreshToken, Client())).Error);
        two = await _device.RefreshAsync(two.RefreshToken, Client());
        using var others = await browser.SubmitAsync("/account/sessions", "/account/sessions/revoke-others");

        Assert.Equal("/account/sessions?notice=others", others.Headers.Location?.OriginalString);
        Assert.Equal("invalid_grant", (await _device.RefreshAsync(two.RefreshToken, Client())).Error);
        Assert.DoesNotContain("Desktop", await browser.ReadAsync("/account/sessions"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_allowed_ends_with_the_session_in_which_it_was_until_the_device_comes_for_it()
    {
        var user = await identity.AddUserAsync();
        using var thief = await identity.SignInAsync(user);
        using var owner = await identity.SignInAsync(user);
        var started = await StartAsync();
        await DecideAsync(thief, started, "allow");

        (await owner.SubmitAsync("/account/sessions", "/account/sessions/revoke-others")).Dispose();

        Assert.Equal("invalid_grant", (await PollAsync(started)).Error);
    }

    [Fact]
    public async Task The_session_of_a_device_ends_with_what_its_application_was_allowed()
    {
        var user = await identity.AddUserAsync();
        using var browser = await identity.SignInAsync(user);
        var tokens = await SignInAsync(browser);

        (await browser.SubmitAsync("/account/applications", "/account/applications")).Dispose();

        Assert.Equal("invalid_grant", (await _device.RefreshAsync(tokens.RefreshToken, Client())).Error);
        Assert.DoesNotContain("Desktop", await browser.ReadAsync("/account/sessions"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_that_is_refused_is_told()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        var started = await StartAsync();

        await DecideAsync(browser, started, "deny");

        Assert.Equal("access_denied", (await PollAsync(started)).Error);
    }

    [Fact]
    public async Task A_device_that_asks_too_often_is_told_to_slow_down()
    {
        var started = await StartAsync();

        Assert.Equal("authorization_pending", (await PollAsync(started)).Error);
        Assert.Equal("slow_down", (await PollAsync(started)).Error);
        identity.Clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal("authorization_pending", (await PollAsync(started)).Error);
    }

    [Fact]
    public async Task A_code_of_a_device_expires()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        var started = await StartAsync();
        identity.Clock.Advance(TimeSpan.FromMinutes(11));

        using var page = await browser.GetAsync($"/account/device?user_code={started.Text("user_code")}");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, page.StatusCode);
        Assert.Equal("expired_token", (await PollAsync(started)).Error);
    }

    [Fact]
    public async Task Guessing_ends_after_ten_codes()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        var started = await StartAsync();
        for (var guess = 0; guess < 10; guess++)
        {
            using var wrong = await browser.GetAsync($"/account/device?user_code=BBBB-BBB{"BCDFGHJKLM"[guess]}");
            Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
        }

        using var right = await browser.GetAsync($"/account/device?user_code={started.Text("user_code")}");

        Assert.Equal(HttpStatusCode.TooManyRequests, right.StatusCode);
    }

    [Fact]
    public async Task Guesses_are_counted_on_all_replicas_together_and_a_right_code_takes_none_of_them_back()
    {
        var user = await identity.AddUserAsync();
        await using var other = identity.WithWebHostBuilder(_ => { });
        var guesses = new[] { identity.Services, other.Services }.Select(services => services.GetRequiredService<CodeGuesses>()).ToList();
        for (var guess = 0; guess < 9; guess++)
        {
            Assert.False(await guesses[guess % 2].AreTooManyAsync(user.Id));
        }

        // Looking at a device's page and deciding are two right codes.
        for (var right = 0; right < 2; right++)
        {
            Assert.False(await guesses[right].AreTooManyAsync(user.Id));
            await guesses[right].TakeBackAsync(user.Id);
        }

        Assert.False(await guesses[1].AreTooManyAsync(user.Id));
        Assert.True(await guesses[0].AreTooManyAsync(user.Id));
        Assert.True(await guesses[1].AreTooManyAsync(user.Id));
    }

    [Fact]
    public async Task A_device_that_asks_two_replicas_in_turn_is_told_to_slow_down()
    {
        await using var other = identity.WithWebHostBuilder(_ => { });
        var replica = new Flow(other.CreateClient());
        var started = await StartAsync();

        Assert.Equal("authorization_pending", (await PollAsync(started)).Error);
        Assert.Equal("slow_down", (await PollAsync(started, replica)).Error);
    }

    [Fact]
    public async Task Nobody_decides_without_a_session_or_from_another_site()
    {
        var started = await StartAsync();
        using var nobody = identity.OpenBrowser();
        using var login = await nobody.GetAsync($"/account/device?user_code={started.Text("user_code")}");
        Assert.StartsWith("/login?", login.Headers.Location!.ToString(), StringComparison.Ordinal);

        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        using var forged = await browser.Client.PostAsync(
            new Uri("/account/device", UriKind.Relative),
            new FormUrlEncodedContent(new Dictionary<string, string> { ["user_code"] = started.Text("user_code")!, ["decision"] = "allow" }));

        Assert.Equal(HttpStatusCode.OK, forged.StatusCode);
        Assert.Equal("authorization_pending", (await PollAsync(started)).Error);
    }

    private static (string, string?)[] Client() => [("client_id", TokenServerApplication.PublicClient), ("client_secret", null)];

    private async Task DecideAsync(Browser browser, Tokens started, string decision)
    {
        using var answer = await browser.SubmitAsync($"/account/device?user_code={started.Text("user_code")}", "/account/device", ("decision", decision));
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
    }

    private async Task<Tokens> SignInAsync(Browser browser)
    {
        var started = await StartAsync();
        await DecideAsync(browser, started, "allow");
        return await PollAsync(started);
    }

    private Task<Tokens> StartAsync() =>
        _device.PostAsync("/connect/deviceauthorization", [.. Client(), ("scope", "openid profile offline_access users:read")]);

    private Task<Tokens> PollAsync(Tokens started, Flow? replica = null) => (replica ?? _device).TokenAsync(
        [.. Client(), ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", started.Text("device_code"))]);
}
