using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Tests.TokenServer;

public sealed class ConsentTests(TokenServerApplication identity) : IClassFixture<TokenServerApplication>, IAsyncLifetime
{
    private readonly Flow _client = new(identity.CreateClient());

    public Task InitializeAsync() => identity.RegisterClientsAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Somebody_elses_application_asks_once_for_each_thing()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        using var silent = await Flow.AuthorizeAsync(browser, Flow.ThirdPartyRequest(("prompt", "none")));
        Assert.Equal("consent_required", Flow.Answer(silent, TokenServerApplication.ThirdPartyCallback)["error"]);

        Assert.NotNull(await AllowAsync(browser, Flow.ThirdPartyRequest()));
        using var second = await Flow.AuthorizeAsync(browser, Flow.ThirdPartyRequest());
        Assert.True(Flow.Answer(second, TokenServerApplication.ThirdPartyCallback).ContainsKey("code"));

        using var more = await Flow.AuthorizeAsync(browser, Flow.ThirdPartyRequest(("scope", "openid users:read agents:read"), ("prompt", "none")));
        Assert.Equal("consent_required", Flow.Answer(more, TokenServerApplication.ThirdPartyCallback)["error"]);
    }

    [Fact]
    public async Task Prompt_consent_asks_again()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        Assert.NotNull(await AllowAsync(browser, Flow.ThirdPartyRequest()));
        identity.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.NotNull(await AllowAsync(browser, Flow.ThirdPartyRequest(("prompt", "consent"))));
    }

    [Fact]
    public async Task Prompt_select_account_shows_the_account_first()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync(name: "Olena"));

        using var page = await Flow.AuthorizeAsync(browser, Flow.Request(("prompt", "select_account")));
        var html = await page.Content.ReadAsStringAsync();
        Assert.Contains("Olena", html, StringComparison.Ordinal);
        using var answer = await browser.SubmitAsync(new Browser.Form(html, "/connect/authorize"), ("decision", "allow"));

        Assert.True(Flow.Answer(answer).ContainsKey("code"));
    }

    [Fact]
    public async Task A_refusal_is_told_to_the_application()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        using var page = await Flow.AuthorizeAsync(browser, Flow.ThirdPartyRequest());

        using var answer = await browser.SubmitAsync(new Browser.Form(await page.Content.ReadAsStringAsync(), "/connect/authorize"), ("decision", "deny"));

        Assert.Equal("access_denied", Flow.Answer(answer, TokenServerApplication.ThirdPartyCallback)["error"]);
    }

    [Fact]
    public async Task A_decision_from_another_site_is_none()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        using var page = await Flow.AuthorizeAsync(browser, Flow.ThirdPartyRequest());
        var form = new Browser.Form(await page.Content.ReadAsStringAsync(), "/connect/authorize");

        using var forged = await browser.Client.PostAsync(
            new Uri("/connect/authorize", UriKind.Relative),
            new FormUrlEncodedContent([.. form.Hidden.Where(field => field.Key is "client_id" or "request_uri"), KeyValuePair.Create("decision", "allow")]));

        Assert.Equal(System.Net.HttpStatusCode.OK, forged.StatusCode);
        Assert.Null(forged.Headers.Location);
    }

    [Fact]
    public async Task Taking_access_back_ends_the_tokens_of_the_application()
    {
        var user = await identity.AddUserAsync();
        using var browser = await identity.SignInAsync(user);
        var tokens = await _client.ExchangeAsync((await AllowAsync(browser, Flow.ThirdPartyRequest()))!, Third());
        Assert.Contains("Calendar", await browser.ReadAsync("/account/applications"), StringComparison.Ordinal);

        using var answer = await browser.SubmitAsync("/account/applications", "/account/applications");

        Assert.Equal("/account/applications", answer.Headers.Location!.ToString());
        Assert.DoesNotContain("Calendar", await browser.ReadAsync("/account/applications"), StringComparison.Ordinal);
        Assert.Equal("invalid_grant", (await _client.RefreshAsync(tokens.RefreshToken, Third())).Error);
        Assert.Equal(1, await identity.WithDatabaseAsync(
            db => db.AuditEntries.CountAsync(entry => entry.Action == AuditActions.ConsentRevoked && entry.UserId == user.Id)));
    }

    private static async Task<string?> AllowAsync(Browser browser, string request)
    {
        using var page = await Flow.AuthorizeAsync(browser, request);
        using var answer = await browser.SubmitAsync(new Browser.Form(await page.Content.ReadAsStringAsync(), "/connect/authorize"), ("decision", "allow"));
        return Flow.Answer(answer, TokenServerApplication.ThirdPartyCallback).GetValueOrDefault("code");
    }

    private (string, string?)[] Third() =>
        [("client_id", TokenServerApplication.ThirdParty), ("client_secret", identity.ThirdPartySecret), ("redirect_uri", TokenServerApplication.ThirdPartyCallback)];
}
