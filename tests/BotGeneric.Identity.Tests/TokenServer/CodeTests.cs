using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using BotGeneric.Identity.Tests.Support;

namespace BotGeneric.Identity.Tests.TokenServer;

public sealed class CodeTests(TokenServerApplication identity) : IClassFixture<TokenServerApplication>
{
    private readonly Flow _gateway = new(identity.CreateClient());

    [Fact]
    public async Task Tokens_say_who_for_whom_and_how()
    {
        var user = await identity.AddUserAsync(email: "anna@example.test");
        using var browser = await identity.SignInAsync(user, "pwd", "otp", "mfa");

        var tokens = await _gateway.SignInAsync(browser);

        Assert.Equal("at+jwt", tokens.Access.Typ);
        Assert.Equal("ES256", tokens.Access.Alg);
        Assert.Equal(user.Id.ToString(), tokens.Access.Subject);
        Assert.Equal(IdentityApplication.Origin, tokens.Access.Issuer);
        Assert.Equal("gateway", tokens.Access.GetPayloadValue<string>("client_id"));
        Assert.Equal(["pwd", "otp", "mfa"], tokens.Access.GetPayloadValue<string[]>("amr"));
        Assert.Contains("agents", tokens.Access.Audiences);
        Assert.Equal(TimeSpan.FromMinutes(5), tokens.Access.ValidTo - tokens.Access.IssuedAt);
        Assert.False(tokens.Access.TryGetPayloadValue<string>("role", out _));
        Assert.False(tokens.Access.TryGetPayloadValue<string>("email", out _));
        Assert.Equal(3, tokens.AccessToken.Split('.').Length);

        Assert.Equal(user.Id.ToString(), tokens.Id.Subject);
        Assert.Equal(["gateway"], tokens.Id.Audiences);
        Assert.Equal("the-nonce", tokens.Id.GetPayloadValue<string>("nonce"));
        Assert.Equal("Anna", tokens.Id.GetPayloadValue<string>("name"));
        Assert.Equal("anna@example.test", tokens.Id.GetPayloadValue<string>("email"));
        Assert.True(tokens.Id.GetPayloadValue<bool>("email_verified"));
        Assert.Equal(tokens.Access.GetPayloadValue<string>("sid"), tokens.Id.GetPayloadValue<string>("sid"));
        Assert.Equal(tokens.Access.GetPayloadValue<long>("auth_time"), tokens.Id.GetPayloadValue<long>("auth_time"));
        Assert.Equal(["pwd", "otp", "mfa"], tokens.Id.GetPayloadValue<string[]>("amr"));
        Assert.Equal(
            Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(tokens.AccessToken)).AsSpan(0, 16)), tokens.Id.GetPayloadValue<string>("at_hash"));
    }

    [Fact]
    public async Task Somebody_without_an_address_has_no_claims_of_one()
    {
        var user = await identity.AddUserAsync();
        await identity.ChangeAsync(user.Id, changed => (changed.Email, changed.NormalizedEmail) = (null, null));
        using var browser = await identity.SignInAsync(user, "telegram");

        var tokens = await _gateway.SignInAsync(browser);

        Assert.False(tokens.Id.TryGetPayloadValue<string>("email", out _));
        Assert.False(tokens.Id.TryGetPayloadValue<bool>("email_verified", out _));
    }

    [Fact]
    public async Task A_token_for_nothing_but_the_profile_is_for_the_issuer()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());

        var tokens = await _gateway.SignInAsync(browser, ("scope", "openid"));

        Assert.Equal([IdentityApplication.Origin], tokens.Access.Audiences);
        Assert.Null(tokens.Text("refresh_token"));
    }

    [Fact]
    public async Task A_code_that_comes_again_is_refused_and_takes_back_what_was_issued()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        var code = await Flow.CodeAsync(browser);
        var tokens = await _gateway.ExchangeAsync(code);
        Assert.True(await _gateway.IsActiveAsync(tokens.AccessToken));

        var again = await _gateway.ExchangeAsync(code);

        Assert.Equal("invalid_grant", again.Error);
        Assert.False(await _gateway.IsActiveAsync(tokens.AccessToken));
        Assert.Equal("invalid_grant", (await _gateway.RefreshAsync(tokens.RefreshToken)).Error);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _gateway.UserInfoAsync(tokens.AccessToken)).Status);
    }

    [Theory]
    [InlineData("code_verifier", "another-verifier-of-forty-three-characters-or-more-01", "invalid_grant")]
    [InlineData("code_verifier", null, "invalid_request")]
    [InlineData("redirect_uri", "http://localhost/session/other", "invalid_grant")]
    [InlineData("redirect_uri", null, "invalid_request")]
    [InlineData("code", "nonsense", "invalid_grant")]
    [InlineData("code", null, "invalid_request")]
    [InlineData("grant_type", "password", "unsupported_grant_type")]
    [InlineData("grant_type", null, "invalid_request")]
    [InlineData("client_secret", "a-secret-that-is-not-the-gateways-0123456789", "invalid_client")]
    [InlineData("client_secret", null, "invalid_client")]
    [InlineData("client_id", "nobody", "invalid_client")]
    [InlineData("client_id", null, "invalid_request")]
    public async Task A_wrong_exchange_is_refused(string name, string? value, string error)
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());

        var answer = await _gateway.ExchangeAsync(await Flow.CodeAsync(browser), (name, value));

        Assert.Equal(error, answer.Error);
        Assert.Null(answer.Text("access_token"));
        Assert.True(answer.Status is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_code_is_of_one_client()
    {
        await identity.RegisterClientsAsync();
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        var code = await Flow.CodeAsync(browser);

        var answer = await _gateway.ExchangeAsync(
            code, ("client_id", TokenServerApplication.ThirdParty), ("client_secret", identity.ThirdPartySecret));

        Assert.Equal("invalid_grant", answer.Error);
    }

    [Fact]
    public async Task A_code_expires()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        var code = await Flow.CodeAsync(browser);
        identity.Clock.Advance(TimeSpan.FromMinutes(3));

        Assert.Equal("invalid_grant", (await _gateway.ExchangeAsync(code)).Error);
    }

    [Fact]
    public async Task A_client_may_authenticate_in_the_header_but_not_twice()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        var code = await Flow.CodeAsync(browser);

        var both = await _gateway.PostBasicAsync(
            "/connect/token", "gateway", TokenServerApplication.GatewaySecret, ("grant_type", "authorization_code"), ("code", code),
            ("redirect_uri", TokenServerApplication.Callback), ("code_verifier", Flow.Verifier), ("client_id", "gateway"),
            ("client_secret", TokenServerApplication.GatewaySecret));
        var wrong = await _gateway.PostBasicAsync("/connect/token", "gateway", "wrong", ("grant_type", "authorization_code"), ("code", code),
            ("redirect_uri", TokenServerApplication.Callback), ("code_verifier", Flow.Verifier));
        var header = await _gateway.PostBasicAsync(
            "/connect/token", "gateway", TokenServerApplication.GatewaySecret, ("grant_type", "authorization_code"), ("code", code),
            ("redirect_uri", TokenServerApplication.Callback), ("code_verifier", Flow.Verifier));

        Assert.Equal("invalid_request", both.Error);
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (wrong.Status, wrong.Error));
        Assert.NotEmpty(header.AccessToken);
    }

    [Fact]
    public async Task A_client_may_have_its_identity_tokens_signed_with_RS256()
    {
        await identity.RegisterClientsAsync();
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        using var page = await Flow.AuthorizeAsync(browser, Flow.ThirdPartyRequest());
        using var allowed = await browser.SubmitAsync(
            new Browser.Form(await page.Content.ReadAsStringAsync(), "/connect/authorize"), ("decision", "allow"));

        var tokens = await _gateway.ExchangeAsync(
            Flow.Answer(allowed, TokenServerApplication.ThirdPartyCallback)["code"], ("client_id", TokenServerApplication.ThirdParty),
            ("client_secret", identity.ThirdPartySecret), ("redirect_uri", TokenServerApplication.ThirdPartyCallback));

        Assert.Equal("RS256", tokens.Id.Alg);
        Assert.Equal("ES256", tokens.Access.Alg);
    }

    [Fact]
    public async Task UserInfo_answers_a_header_and_a_form_and_nobody_else()
    {
        var user = await identity.AddUserAsync();
        using var browser = await identity.SignInAsync(user);
        var tokens = await _gateway.SignInAsync(browser);
        using var client = identity.CreateClient();

        using var posted = await client.PostAsync(
            new Uri("/connect/userinfo", UriKind.Relative), new FormUrlEncodedContent([KeyValuePair.Create("access_token", tokens.AccessToken)]));
        var header = await _gateway.UserInfoAsync(tokens.AccessToken);
        var forged = await _gateway.UserInfoAsync(tokens.AccessToken[..^6] + "AAAAAA");
        using var nothing = await client.GetAsync(new Uri("/connect/userinfo", UriKind.Relative));

        Assert.Equal(user.Id.ToString(), (await Tokens.ReadAsync(posted)).Text("sub"));
        Assert.Equal((user.Id.ToString(), "Anna", user.Email), (header.Text("sub"), header.Text("name"), header.Text("email")));
        Assert.Equal(HttpStatusCode.Unauthorized, forged.Status);
        Assert.Equal(HttpStatusCode.Unauthorized, nothing.StatusCode);
    }

    [Theory]
    [InlineData(false, new[] { "pwd", "otp", "mfa" }, "openid users:read admin", false)]
    [InlineData(true, new[] { "pwd" }, "openid users:read admin", false)]
    [InlineData(true, new[] { "pwd", "otp", "mfa" }, "openid users:read", false)]
    [InlineData(true, new[] { "pwd", "otp", "mfa" }, "openid users:read admin", true)]
    public async Task The_role_of_an_admin_needs_the_role_the_scope_and_a_second_factor(bool isAdmin, string[] methods, string scope, bool expected)
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync(isAdmin), methods);

        var tokens = await _gateway.SignInAsync(browser, ("scope", scope));

        Assert.Equal(expected, tokens.Access.TryGetPayloadValue<string>("role", out _));
    }
}
