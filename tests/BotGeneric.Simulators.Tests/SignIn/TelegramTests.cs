using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace BotGeneric.Simulators.Tests.SignIn;

public sealed class TelegramTests : IAsyncLifetime
{
    private static readonly TestProvider Telegram = TestProvider.Telegram;

    private readonly SignInSimulatorHost _host = new();

    public Task InitializeAsync() => _host.ApprovedByAsync(Telegram, "anna");

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task The_id_token_says_what_Telegram_says_and_no_more()
    {
        var claims = await _host.ClaimsAsync(Telegram);

        Assert.Matches("^[1-9][0-9]{18}$", claims["sub"]!.GetValue<string>());
        Assert.Equal(JsonValueKind.Number, claims["id"]!.GetValueKind());
        Assert.NotEqual(claims["sub"]!.GetValue<string>(), claims["id"]!.ToString());
        Assert.True((long)claims["id"]! > int.MaxValue);
        Assert.Equal("Anna Nova", (string)claims["name"]!);
        Assert.Equal("anna_nova", (string)claims["preferred_username"]!);
        Assert.NotNull(claims["picture"]);
        Assert.Equal(["aud", "exp", "iat", "id", "iss", "name", "picture", "preferred_username", "sub"], claims.Select(claim => claim.Key).Order());
    }

    [Fact]
    public async Task A_person_without_a_user_name_has_none()
    {
        await _host.ApprovedByAsync(Telegram, "vira");

        Assert.DoesNotContain("preferred_username", await _host.ClaimsAsync(Telegram));
    }

    [Fact]
    public async Task The_telephone_number_comes_with_its_scope()
    {
        Assert.Equal("380500000001", (string)(await _host.ClaimsAsync(Telegram, ("scope", "openid profile phone")))["phone_number"]!);
    }

    [Fact]
    public async Task A_person_who_writes_to_the_bot_has_the_id_that_was_registered()
    {
        await _host.RegisterAsync(Telegram, "egor", new { givenName = "Egor", telegramId = 987654321L });
        await _host.ApprovedByAsync(Telegram, "egor");

        Assert.Equal(987654321L, (long)(await _host.ClaimsAsync(Telegram))["id"]!);
    }

    [Fact]
    public async Task A_state_of_256_characters_is_the_longest()
    {
        var longest = new string('s', 256);

        var answer = await _host.AnswerAsync(Telegram, ("state", longest));
        using var refused = await _host.AuthorizeAsync(Telegram, ("state", longest + "s"));

        Assert.Equal(longest, answer["state"]);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Null(refused.Headers.Location);
        Assert.Equal("state too long", await refused.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("code_challenge", null)]
    [InlineData("code_challenge_method", "plain")]
    [InlineData("code_challenge_method", null)]
    public async Task The_proof_key_is_demanded_with_S256(string parameter, string? value)
    {
        var answer = await _host.AnswerAsync(Telegram, (parameter, value));

        Assert.Equal("invalid_request", answer["error"]);
        Assert.Equal("the-state", answer["state"]);
    }

    [Theory]
    [InlineData("profile")]
    [InlineData("openid email")]
    [InlineData(null)]
    public async Task The_scope_openid_is_demanded_and_e_mail_is_unknown(string? scope)
    {
        Assert.Equal("invalid_scope", (await _host.AnswerAsync(Telegram, ("scope", scope)))["error"]);
    }

    [Fact]
    public async Task A_client_secret_in_the_form_is_refused_with_and_without_the_header()
    {
        var code = await _host.CodeAsync(Telegram);
        var form = Telegram.Exchange(_host, code, [("client_secret", Telegram.Secret)]).ToArray();
        using var request = new HttpRequestMessage(HttpMethod.Post, Telegram.TokenPath) { Content = new FormUrlEncodedContent(form) };

        var (without, error) = await _host.SendAsync(request);
        var (with, _) = await _host.ExchangeAsync(Telegram, code, ("client_secret", Telegram.Secret));
        var (right, _) = await _host.ExchangeAsync(Telegram, code);

        Assert.Equal(HttpStatusCode.Unauthorized, without);
        Assert.Equal("invalid_client", (string)error["error"]!);
        Assert.Equal(HttpStatusCode.Unauthorized, with);
        Assert.Equal(HttpStatusCode.OK, right);
    }

    [Fact]
    public async Task The_bot_token_is_not_the_client_secret()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Telegram.TokenPath)
        {
            Content = new FormUrlEncodedContent(Telegram.Exchange(_host, await _host.CodeAsync(Telegram), [])),
        };
        request.Headers.Authorization = TestProvider.Basic(Telegram.ClientId, "7000000001:simulated-bot-token-for-development");

        Assert.Equal(HttpStatusCode.Unauthorized, (await _host.SendAsync(request)).Status);
    }

    [Fact]
    public async Task There_is_no_userinfo_no_nonce_no_e_mail_and_no_refresh()
    {
        var discovery = await _host.DiscoveryAsync(Telegram);
        var (_, tokens) = await _host.ExchangeAsync(Telegram, await _host.CodeAsync(Telegram));
        var (status, _) = await _host.ExchangeAsync(Telegram, "none", ("grant_type", "refresh_token"), ("refresh_token", "any"));

        Assert.DoesNotContain("userinfo_endpoint", discovery);
        Assert.DoesNotContain("nonce", discovery["claims_supported"]!.AsArray().Select(claim => (string)claim!));
        Assert.DoesNotContain("email", discovery["claims_supported"]!.AsArray().Select(claim => (string)claim!));
        Assert.Equal(["client_secret_basic"], discovery["token_endpoint_auth_methods_supported"]!.AsArray().Select(method => (string)method!));
        Assert.DoesNotContain("refresh_token", tokens);
        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    [Fact]
    public async Task The_bot_may_have_its_tokens_signed_with_ES256()
    {
        await using var host = new SignInSimulatorHost().Set("SignIn:Telegram:Algorithm", "ES256");
        await host.ApprovedByAsync(Telegram, "anna");

        var token = await host.IdTokenAsync(Telegram);

        Assert.Equal("ES256", (string)Answers.Header(token)["alg"]!);
        Assert.True((await host.ValidateAsync(Telegram, token)).IsValid);
    }

    [Fact]
    public async Task An_e_mail_address_is_not_kept()
    {
        var person = await _host.RegisterAsync(Telegram, "fred", new { givenName = "Fred", email = "fred@example.com" });
        using var response = await _host.Http.GetAsync("/sign-in/control/telegram/people");
        var people = await response.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(JsonValueKind.Null, person.GetProperty("email").ValueKind);
        Assert.DoesNotContain("fred@example.com", people.GetRawText(), StringComparison.Ordinal);
    }
}
