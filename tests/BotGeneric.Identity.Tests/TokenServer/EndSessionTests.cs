using System.Net;

namespace BotGeneric.Identity.Tests.TokenServer;

public sealed class EndSessionTests(TokenServerApplication identity) : IClassFixture<TokenServerApplication>
{
    private const string After = "http://localhost/session/signed-out";
    private readonly Flow _gateway = new(identity.CreateClient());

    [Theory]
    [InlineData("/connect/endsession")]
    [InlineData("/connect/logout")]
    public async Task The_application_ends_the_session_that_its_token_is_of(string path)
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        var tokens = await _gateway.SignInAsync(browser);
        identity.Clock.Advance(TimeSpan.FromHours(1));

        using var response = await browser.GetAsync(
            $"{path}?id_token_hint={tokens.IdToken}&post_logout_redirect_uri={Uri.EscapeDataString(After)}&state=abc");

        Assert.Equal($"{After}?state=abc", response.Headers.Location!.OriginalString);
        Assert.Equal("invalid_grant", (await _gateway.RefreshAsync(tokens.RefreshToken)).Error);
        using var again = await Flow.AuthorizeAsync(browser, Flow.Request(("prompt", "none")));
        Assert.Equal("login_required", Flow.Answer(again)["error"]);
    }

    [Theory]
    [InlineData("/connect/endsession")]
    [InlineData("/connect/logout")]
    public async Task A_form_of_another_site_which_brings_no_cookie_ends_the_session_all_the_same(string path)
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        var tokens = await _gateway.SignInAsync(browser);
        using var withoutCookies = identity.OpenBrowser();

        using var posted = await withoutCookies.Client.PostAsync(new Uri(path, UriKind.Relative), new FormUrlEncodedContent(
        [
            KeyValuePair.Create("id_token_hint", tokens.IdToken), KeyValuePair.Create("post_logout_redirect_uri", After),
            KeyValuePair.Create("state", "abc"), KeyValuePair.Create("decision", "allow"),
        ]));
        var link = posted.Headers.Location!.ToString();
        Assert.StartsWith("/connect/endsession?", link, StringComparison.Ordinal);
        Assert.DoesNotContain("decision", link, StringComparison.Ordinal);
        using var response = await browser.GetAsync(link);

        Assert.Equal($"{After}?state=abc", response.Headers.Location!.OriginalString);
        Assert.Equal("invalid_grant", (await _gateway.RefreshAsync(tokens.RefreshToken)).Error);
    }

    [Fact]
    public async Task Without_a_token_the_person_is_asked()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());

        using var forged = await browser.Client.PostAsync(
            new Uri("/connect/endsession", UriKind.Relative), new FormUrlEncodedContent([KeyValuePair.Create("decision", "allow")]));
        Assert.Equal(HttpStatusCode.OK, forged.StatusCode);
        Assert.NotEmpty(await Flow.CodeAsync(browser, ("prompt", "none")));

        using var confirmed = await browser.SubmitAsync("/connect/endsession", "/connect/endsession", ("decision", "allow"));
        Assert.Equal("/connect/signed-out", confirmed.Headers.Location!.ToString());
        using var again = await Flow.AuthorizeAsync(browser, Flow.Request(("prompt", "none")));
        Assert.Equal("login_required", Flow.Answer(again)["error"]);
    }

    [Fact]
    public async Task A_token_of_another_session_ends_nothing_by_itself()
    {
        using var hers = await identity.SignInAsync(await identity.AddUserAsync());
        using var his = await identity.SignInAsync(await identity.AddUserAsync());
        var tokens = await _gateway.SignInAsync(hers);

        using var response = await his.GetAsync($"/connect/endsession?id_token_hint={tokens.IdToken}");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.NotEmpty(await Flow.CodeAsync(his, ("prompt", "none")));
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("http://localhost/session/signed-out/more")]
    [InlineData("http://localhost/session/Signed-out")]
    public async Task Nobody_is_sent_to_an_address_that_is_not_registered(string address)
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        var tokens = await _gateway.SignInAsync(browser);

        using var response = await browser.GetAsync(
            $"/connect/endsession?id_token_hint={tokens.IdToken}&post_logout_redirect_uri={Uri.EscapeDataString(address)}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Null(response.Headers.Location);
    }
}
