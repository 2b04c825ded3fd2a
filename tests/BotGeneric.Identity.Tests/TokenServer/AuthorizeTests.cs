using System.Net;
using BotGeneric.Identity.Tests.Support;
using Microsoft.AspNetCore.WebUtilities;

namespace BotGeneric.Identity.Tests.TokenServer;

public sealed class AuthorizeTests(TokenServerApplication identity) : IClassFixture<TokenServerApplication>
{
    private readonly Flow _gateway = new(identity.CreateClient());

    [Fact]
    public async Task A_code_comes_back_with_the_state_and_the_issuer()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());

        using var response = await Flow.AuthorizeAsync(browser, Flow.Request());

        var answer = Flow.Answer(response);
        Assert.Equal("the-state", answer["state"]);
        Assert.Equal(IdentityApplication.Origin, answer["iss"]);
        Assert.False(answer.ContainsKey("error"));
    }

    [Fact]
    public async Task A_request_may_be_posted()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        var query = QueryHelpers.ParseQuery(Flow.Request().Split('?')[1]).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());

        using var first = await browser.Client.PostAsync(new Uri("/connect/authorize", UriKind.Relative), new FormUrlEncodedContent(query));
        using var response = await Flow.AuthorizeAsync(browser, first.Headers.Location!.ToString());

        Assert.True(Flow.Answer(response).ContainsKey("code"));
    }

    [Fact]
    public async Task A_request_that_another_site_posts_without_a_cookie_finds_the_session_all_the_same()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        using var withoutCookies = identity.OpenBrowser();
        var query = QueryHelpers.ParseQuery(Flow.Request(("prompt", "none")).Split('?')[1]).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());

        using var posted = await withoutCookies.Client.PostAsync(new Uri("/connect/authorize", UriKind.Relative), new FormUrlEncodedContent(query));
        using var response = await Flow.AuthorizeAsync(browser, posted.Headers.Location!.ToString());

        Assert.True(Flow.Answer(response).ContainsKey("code"));
    }

    [Theory]
    [InlineData("http://localhost/session/callback/")]
    [InlineData("http://localhost/session/callback/more")]
    [InlineData("http://localhost/session/Callback")]
    [InlineData("http://localhost/session/callback?more=1")]
    [InlineData("http://localhost/session/callback#fragment")]
    [InlineData("https://localhost/session/callback")]
    [InlineData("http://localhost.evil.example/session/callback")]
    [InlineData("//localhost/session/callback")]
    [InlineData("javascript:alert(1)")]
    [InlineData(null)]
    public async Task Nobody_is_sent_to_an_address_that_is_not_exactly_registered(string? address)
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());

        using var response = await Flow.AuthorizeAsync(browser, Flow.Request(("redirect_uri", address)));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Null(response.Headers.Location);
        Assert.Contains("text/html", response.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("client_id", null)]
    [InlineData("client_id", "nobody")]
    public async Task An_unknown_client_gets_a_page_and_no_redirect(string name, string? value)
    {
        using var browser = identity.OpenBrowser();

        using var response = await Flow.AuthorizeAsync(browser, Flow.Request((name, value)));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Null(response.Headers.Location);
    }

    [Theory]
    [InlineData("response_type", null, "invalid_request")]
    [InlineData("response_type", "token", "unsupported_response_type")]
    [InlineData("response_type", "id_token", "unsupported_response_type")]
    [InlineData("response_type", "nonsense", "unsupported_response_type")]
    [InlineData("response_mode", "fragment", "invalid_request")]
    [InlineData("response_mode", "form_post", "invalid_request")]
    [InlineData("code_challenge", null, "invalid_request")]
    [InlineData("code_challenge_method", "plain", "invalid_request")]
    [InlineData("code_challenge_method", null, "invalid_request")]
    [InlineData("scope", "openid nonsense", "invalid_scope")]
    [InlineData("prompt", "none login", "invalid_request")]
    [InlineData("request", "eyJhbGciOiJub25lIn0.e30.", "request_not_supported")]
    public async Task A_wrong_request_is_answered_to_the_client(string name, string? value, string error)
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());

        using var response = await Flow.AuthorizeAsync(browser, Flow.Request((name, value)));

        var answer = Flow.Answer(response);
        Assert.Equal(error, answer["error"]);
        Assert.Equal("the-state", answer["state"]);
        Assert.Equal(IdentityApplication.Origin, answer["iss"]);
        Assert.False(answer.ContainsKey("code"));
    }

    [Fact]
    public async Task A_challenge_cannot_be_left_out_altogether()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());

        using var response = await Flow.AuthorizeAsync(browser, Flow.Request(("code_challenge", null), ("code_challenge_method", null)));

        Assert.Equal("invalid_request", Flow.Answer(response)["error"]);
    }

    [Theory]
    [InlineData("&scope=openid")]
    [InlineData("&state=other")]
    [InlineData("&redirect_uri=https%3A%2F%2Fevil.example")]
    public async Task A_parameter_that_comes_twice_is_refused(string more)
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());

        using var response = await Flow.AuthorizeAsync(browser, Flow.Request() + more);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Null(response.Headers.Location);
    }

    [Fact]
    public async Task Somebody_who_is_not_signed_in_goes_to_the_login_page_and_comes_back()
    {
        using var browser = identity.OpenBrowser();
        using var first = await Flow.AuthorizeAsync(browser, Flow.Request(("login_hint", "anna@example.test"), ("ui_locales", "uk-UA en")));
        var login = first.Headers.Location!.ToString();
        var parameters = QueryHelpers.ParseQuery(login.Split('?', 2)[1]);

        Assert.StartsWith("/login?", login, StringComparison.Ordinal);
        Assert.Equal("anna@example.test", parameters["login_hint"]);
        Assert.Equal("uk", parameters["lang"]);
        Assert.True(global::BotGeneric.Identity.Accounts.ReturnAddress.IsLocal(parameters["returnUrl"]));

        await TokenServerApplication.SignInAsync(browser, await identity.AddUserAsync());
        using var second = await Flow.AuthorizeAsync(browser, parameters["returnUrl"]!);
        Assert.True(Flow.Answer(second).ContainsKey("code"));
    }

    [Fact]
    public async Task A_request_is_answered_once()
    {
        using var browser = identity.OpenBrowser();
        using var first = await Flow.AuthorizeAsync(browser, Flow.Request());
        var back = QueryHelpers.ParseQuery(first.Headers.Location!.ToString().Split('?', 2)[1])["returnUrl"].ToString();
        await TokenServerApplication.SignInAsync(browser, await identity.AddUserAsync());
        using var second = await browser.GetAsync(back);
        Assert.True(Flow.Answer(second).ContainsKey("code"));

        using var third = await browser.GetAsync(back);

        Assert.Equal(HttpStatusCode.BadRequest, third.StatusCode);
    }

    [Fact]
    public async Task The_way_from_a_page_of_ours_to_another_site_is_a_page_that_goes_on()
    {
        await identity.RegisterClientsAsync();
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        browser.Client.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");

        using var response = await Flow.AuthorizeAsync(browser, Flow.Request(
            ("client_id", TokenServerApplication.PublicClient), ("redirect_uri", TokenServerApplication.PublicCallback), ("scope", "openid")));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith($"0;url={TokenServerApplication.PublicCallback}?", Assert.Single(response.Headers.GetValues("Refresh")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pushed_request_is_used_and_cannot_be_used_by_another_client()
    {
        await identity.RegisterClientsAsync();
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        var parameters = QueryHelpers.ParseQuery(Flow.Request().Split('?')[1]).Select(pair => (pair.Key, (string?)pair.Value.ToString())).ToArray();
        var pushed = await _gateway.PostAsync("/connect/par", parameters);
        Assert.Equal(HttpStatusCode.Created, pushed.Status);
        var requestUri = Uri.EscapeDataString(pushed.Text("request_uri")!);

        using var foreign = await browser.GetAsync($"/connect/authorize?client_id={TokenServerApplication.ThirdParty}&request_uri={requestUri}");
        using var own = await browser.GetAsync($"/connect/authorize?client_id=gateway&request_uri={requestUri}");

        Assert.Equal(HttpStatusCode.BadRequest, foreign.StatusCode);
        Assert.True(Flow.Answer(own).ContainsKey("code"));
    }
}
