using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace BotGeneric.Identity.Tests.TokenServer;

/// <summary>The service's own API, with the tokens that the service itself issues and with nothing put in the place of the validation.</summary>
public sealed class OwnTokenTests(TokenServerApplication identity) : IClassFixture<TokenServerApplication>
{
    private readonly Flow _gateway = new(identity.CreateClient());

    [Fact]
    public async Task A_token_for_this_service_is_accepted()
    {
        var user = await identity.AddUserAsync();
        using var browser = await identity.SignInAsync(user);
        var tokens = await _gateway.SignInAsync(browser, ("scope", "openid users:read"));

        using var response = await AskAsync(HttpMethod.Get, "/api/users/me", tokens.AccessToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(user.Id.ToString(), JsonNode.Parse(await response.Content.ReadAsStringAsync())!["id"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_token_for_another_service_and_one_that_is_no_access_token_are_refused()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        var elsewhere = await _gateway.SignInAsync(browser, ("scope", "openid agents:read"));
        Assert.Equal(["agents"], elsewhere.Access.Audiences);

        foreach (var token in new[] { elsewhere.AccessToken, elsewhere.IdToken, Altered(elsewhere.AccessToken) })
        {
            using var response = await AskAsync(HttpMethod.Get, "/api/users/me", token);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Contains("invalid_token", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_token_that_has_run_out_is_refused()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        var tokens = await _gateway.SignInAsync(browser, ("scope", "openid users:read"));
        identity.Clock.Advance(TimeSpan.FromMinutes(6));

        using var response = await AskAsync(HttpMethod.Get, "/api/users/me", tokens.AccessToken);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Clients_are_changed_by_an_admin_who_signed_in_a_moment_ago()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync(isAdmin: true), "pwd", "otp", "mfa");
        var tokens = await _gateway.SignInAsync(browser);

        using var created = await CreateAsync(tokens.AccessToken, "sheets");
        using var rotated = await AskAsync(HttpMethod.Post, "/api/admin/clients/sheets/secret", tokens.AccessToken);
        using var taken = await CreateAsync(tokens.AccessToken, "sheets");
        using var configured = await AskAsync(HttpMethod.Delete, "/api/admin/clients/gateway", tokens.AccessToken);
        using var wrong = await CreateAsync(tokens.AccessToken, "wild", "https://*.example/cb");
        identity.Clock.Advance(TimeSpan.FromMinutes(16));
        var later = await _gateway.RefreshAsync(tokens.RefreshToken);
        using var late = await AskAsync(HttpMethod.Delete, "/api/admin/clients/sheets", later.AccessToken);
        using var seen = await AskAsync(HttpMethod.Get, "/api/admin/clients/sheets", later.AccessToken);

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var secret = JsonNode.Parse(await created.Content.ReadAsStringAsync())!["clientSecret"]!.GetValue<string>();
        Assert.Equal(HttpStatusCode.OK, rotated.StatusCode);
        Assert.NotEqual(secret, JsonNode.Parse(await rotated.Content.ReadAsStringAsync())!["clientSecret"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.Conflict, taken.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, configured.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, late.StatusCode);
        Assert.Contains("insufficient_user_authentication", late.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, seen.StatusCode);
        Assert.DoesNotContain("clientSecret", await seen.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_are_not_for_people_nor_for_admins_without_a_second_factor()
    {
        using var person = await identity.SignInAsync(await identity.AddUserAsync(), "pwd", "otp", "mfa");
        using var admin = await identity.SignInAsync(await identity.AddUserAsync(isAdmin: true));

        foreach (var browser in new[] { person, admin })
        {
            using var response = await AskAsync(HttpMethod.Get, "/api/admin/clients", (await _gateway.SignInAsync(browser)).AccessToken);
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        }
    }

    private Task<HttpResponseMessage> CreateAsync(string token, string clientId, string address = "https://sheets.example/cb") => AskAsync(
        HttpMethod.Post, "/api/admin/clients", token, new
        {
            clientId,
            isConfidential = true,
            settings = new
            {
                displayName = "Sheets",
                grants = new[] { "authorization_code", "refresh_token" },
                scopes = new[] { "profile", "usage:read" },
                redirectUris = new[] { address },
            },
        });

    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, string token, object? body = null)
    {
        using var client = identity.CreateClient();
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Content = body is null ? null : JsonContent.Create(body);
        return await client.SendAsync(request);
    }

    private static string Altered(string token)
    {
        var end = token.LastIndexOf('.') + 1;
        return token[..end] + (token[end] == 'A' ? 'B' : 'A') + token[(end + 1)..];
    }
}
