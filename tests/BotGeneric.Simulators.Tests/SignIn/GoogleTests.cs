using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace BotGeneric.Simulators.Tests.SignIn;

public sealed class GoogleTests : IAsyncLifetime
{
    private static readonly TestProvider Google = TestProvider.Google;

    private readonly SignInSimulatorHost _host = new();

    public Task InitializeAsync() => _host.ApprovedByAsync(Google, "anna");

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task The_id_token_says_what_Google_says()
    {
        var (_, tokens) = await _host.ExchangeAsync(Google, await _host.CodeAsync(Google));
        var token = (string)tokens["id_token"]!;
        var claims = Answers.Claims(token);

        Assert.True((await _host.ValidateAsync(Google, token)).IsValid);
        Assert.Equal("RS256", (string)Answers.Header(token)["alg"]!);
        Assert.Equal(Google.ClientId, (string)claims["azp"]!);
        Assert.Matches("^[1-9][0-9]{20}$", (string)claims["sub"]!);
        Assert.Equal("the-nonce", (string)claims["nonce"]!);
        Assert.Equal("anna@example.com", (string)claims["email"]!);
        Assert.Equal(JsonValueKind.True, claims["email_verified"]!.GetValueKind());
        Assert.Equal("Anna Nova", (string)claims["name"]!);
        Assert.Equal("en", (string)claims["locale"]!);
        Assert.NotNull(claims["picture"]);
        var hash = SHA256.HashData(Encoding.ASCII.GetBytes((string)tokens["access_token"]!));
        Assert.Equal(Base64Url.EncodeToString(hash.AsSpan(0, 16)), (string)claims["at_hash"]!);
        Assert.DoesNotContain("refresh_token", tokens);
    }

    [Fact]
    public async Task Without_a_nonce_there_is_none()
    {
        Assert.DoesNotContain("nonce", await _host.ClaimsAsync(Google, ("nonce", null)));
    }

    [Fact]
    public async Task Scopes_decide_what_is_told()
    {
        var claims = await _host.ClaimsAsync(Google, ("scope", "openid"));

        Assert.DoesNotContain("email", claims);
        Assert.DoesNotContain("name", claims);
    }

    [Fact]
    public async Task Without_the_scope_openid_there_is_no_id_token()
    {
        var (status, tokens) = await _host.ExchangeAsync(Google, await _host.CodeAsync(Google, ("scope", "email")));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.DoesNotContain("id_token", tokens);
    }

    [Theory]
    [InlineData("scope", null, "invalid_request")]
    [InlineData("scope", "openid drive", "invalid_scope")]
    [InlineData("response_type", null, "invalid_request")]
    [InlineData("response_type", "token", "unsupported_response_type")]
    [InlineData("prompt", "none consent", "invalid_request")]
    [InlineData("code_challenge", "short", "invalid_request")]
    [InlineData("code_challenge_method", "S512", "invalid_request")]
    public async Task A_request_that_is_wrong_is_blocked_on_a_page(string parameter, string? value, string error)
    {
        using var response = await _host.AuthorizeAsync(Google, (parameter, value));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Null(response.Headers.Location);
        Assert.Contains(error, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_may_not_ask_gets_no_answer_from_somebody_who_is_not_signed_in()
    {
        await _host.Http.DeleteAsync("/sign-in/control/google/auto-approval");

        Assert.Equal("interaction_required", (await _host.AnswerAsync(Google, ("prompt", "none")))["error"]);
    }

    [Fact]
    public async Task The_client_may_authenticate_by_header()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Google.TokenPath)
        {
            Content = new FormUrlEncodedContent(Google.Exchange(_host, await _host.CodeAsync(Google), [("client_id", null), ("client_secret", null)])),
        };
        request.Headers.Authorization = TestProvider.Basic(Google.ClientId, Google.Secret);

        Assert.Equal(HttpStatusCode.OK, (await _host.SendAsync(request)).Status);
    }

    [Fact]
    public async Task The_client_may_not_authenticate_in_two_ways()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Google.TokenPath)
        {
            Content = new FormUrlEncodedContent(Google.Exchange(_host, await _host.CodeAsync(Google), [])),
        };
        request.Headers.Authorization = TestProvider.Basic(Google.ClientId, Google.Secret);

        var (status, error) = await _host.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("invalid_request", (string)error["error"]!);
    }

    [Theory]
    [InlineData("client_secret", "wrong", "invalid_client", HttpStatusCode.Unauthorized)]
    [InlineData("client_id", "wrong", "invalid_client", HttpStatusCode.Unauthorized)]
    [InlineData("client_secret", null, "invalid_request", HttpStatusCode.BadRequest)]
    [InlineData("code", null, "invalid_request", HttpStatusCode.BadRequest)]
    [InlineData("code", "unknown", "invalid_grant", HttpStatusCode.BadRequest)]
    public async Task An_exchange_that_is_wrong_is_refused(string parameter, string? value, string expected, HttpStatusCode expectedStatus)
    {
        var (status, error) = await _host.ExchangeAsync(Google, await _host.CodeAsync(Google), (parameter, value));

        Assert.Equal(expectedStatus, status);
        Assert.Equal(expected, (string)error["error"]!);
    }

    [Fact]
    public async Task The_userinfo_endpoint_tells_the_same_person_and_only_to_an_access_token()
    {
        var (_, tokens) = await _host.ExchangeAsync(Google, await _host.CodeAsync(Google));

        var (status, info) = await UserInfoAsync((string)tokens["access_token"]!);
        var (refused, _) = await UserInfoAsync((string)tokens["id_token"]!);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal((string)Answers.Claims((string)tokens["id_token"]!)["sub"]!, (string)info["sub"]!);
        Assert.Equal("anna@example.com", (string)info["email"]!);
        Assert.Equal(HttpStatusCode.Unauthorized, refused);
    }

    [Fact]
    public async Task A_revoked_token_is_of_no_use_and_cannot_be_revoked_again()
    {
        var (_, tokens) = await _host.ExchangeAsync(Google, await _host.CodeAsync(Google));
        var token = (string)tokens["access_token"]!;

        var (revoked, _) = await _host.PostAsync("/sign-in/google/revoke", ("token", token));
        var (again, error) = await _host.PostAsync("/sign-in/google/revoke", ("token", token));

        Assert.Equal(HttpStatusCode.OK, revoked);
        Assert.Equal(HttpStatusCode.BadRequest, again);
        Assert.Equal("invalid_token", (string)error["error"]!);
        Assert.Equal(HttpStatusCode.Unauthorized, (await UserInfoAsync(token)).Status);
    }

    [Fact]
    public async Task A_refresh_token_comes_with_the_first_offline_consent_only()
    {
        var (_, first) = await _host.ExchangeAsync(Google, await _host.CodeAsync(Google, ("access_type", "offline")));
        var (_, second) = await _host.ExchangeAsync(Google, await _host.CodeAsync(Google, ("access_type", "offline")));

        var (status, refreshed) = await _host.ExchangeAsync(
            Google, "none", ("grant_type", "refresh_token"), ("code", null), ("refresh_token", (string)first["refresh_token"]!));

        Assert.DoesNotContain("refresh_token", second);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.NotNull(refreshed["access_token"]);
    }

    private Task<(HttpStatusCode Status, System.Text.Json.Nodes.JsonObject Json)> UserInfoAsync(string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/sign-in/google/v1/userinfo");
        request.Headers.Authorization = new("Bearer", token);
        return _host.SendAsync(request);
    }
}
