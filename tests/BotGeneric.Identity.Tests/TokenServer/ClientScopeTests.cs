using BotGeneric.Identity.TokenServer.Clients;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests.TokenServer;

/// <summary>What an application may do is changed while people are signed in with it.</summary>
public sealed class ClientScopeTests(TokenServerApplication identity) : IClassFixture<TokenServerApplication>
{
    private const string Callback = "https://notes.example/cb";
    private readonly Flow _client = new(identity.CreateClient());

    [Fact]
    public async Task What_is_taken_from_an_application_is_gone_from_its_next_token_and_does_not_come_back_to_it()
    {
        var notes = new ClientDefinition
        {
            ClientId = "notes",
            DisplayName = "Notes",
            IsConfidential = false,
            IsFirstParty = true,
            Grants = ["authorization_code", "refresh_token"],
            Scopes = ["users:read", "agents:read"],
            RedirectUris = [Callback],
        };
        await WithCatalogueAsync(catalogue => catalogue.CreateAsync(notes, null, CancellationToken.None));
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        using var answer = await Flow.AuthorizeAsync(
            browser, Flow.Request(("client_id", "notes"), ("redirect_uri", Callback), ("scope", "openid offline_access users:read agents:read")));
        var tokens = await _client.ExchangeAsync(Flow.Answer(answer, Callback)["code"], [("redirect_uri", Callback), .. Client()]);
        Assert.Contains("agents:read", Scopes(tokens));

        await WithCatalogueAsync(catalogue => catalogue.UpdateAsync(notes with { Scopes = ["users:read"] }, null, CancellationToken.None));
        tokens = await _client.RefreshAsync(tokens.RefreshToken, Client());
        Assert.Equal(["offline_access", "openid", "users:read"], Scopes(tokens));
        Assert.Equal("invalid_scope", (await _client.RefreshAsync(tokens.RefreshToken, [("scope", "agents:read"), .. Client()])).Error);

        await WithCatalogueAsync(catalogue => catalogue.UpdateAsync(notes, null, CancellationToken.None));
        // The client may have it again; this authorization may not.
        Assert.Equal("invalid_scope", (await _client.RefreshAsync(tokens.RefreshToken, [("scope", "agents:read"), .. Client()])).Error);
        Assert.DoesNotContain("agents:read", Scopes(await _client.RefreshAsync(tokens.RefreshToken, Client())));
    }

    /// <summary>RFC 6749, sections 4.1.2.1 and 5.2: the request is well formed, the scope is not one that can be had.</summary>
    [Theory]
    [InlineData("openid agents:write")]
    [InlineData("openid nonsense")]
    public async Task A_scope_that_an_application_may_not_have_is_an_invalid_scope_wherever_it_asks(string scope)
    {
        await identity.RegisterClientsAsync();
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        (string, string?)[] desktop = [("client_id", TokenServerApplication.PublicClient), ("client_secret", null), ("scope", scope)];
        (string, string?)[] calendar = [("client_id", TokenServerApplication.ThirdParty), ("client_secret", identity.ThirdPartySecret), ("scope", scope)];

        using var answer = await Flow.AuthorizeAsync(browser, Flow.ThirdPartyRequest(("scope", scope)));
        var pushed = await _client.PostAsync("/connect/par", [
            .. calendar, ("response_type", "code"), ("redirect_uri", TokenServerApplication.ThirdPartyCallback), ("code_challenge", Flow.Challenge), ("code_challenge_method", "S256")]);
        var device = await _client.PostAsync("/connect/deviceauthorization", desktop);
        var service = await _client.TokenAsync(
            ("client_id", "telegram"), ("client_secret", TokenServerApplication.TelegramSecret), ("grant_type", "client_credentials"), ("scope", scope.Replace("openid agents:write", "billing:write", StringComparison.Ordinal)));

        Assert.Equal("invalid_scope", Flow.Answer(answer, TokenServerApplication.ThirdPartyCallback)["error"]);
        Assert.All([pushed, device, service], refused => Assert.Equal("invalid_scope", refused.Error));
    }

    private static (string, string?)[] Client() => [("client_id", "notes"), ("client_secret", null)];

    private static IEnumerable<string> Scopes(Tokens tokens) => tokens.Access.GetPayloadValue<string>("scope").Split(' ').Order(StringComparer.Ordinal);

    private async Task WithCatalogueAsync<T>(Func<ClientCatalogue, Task<T>> work)
    {
        await using var scope = identity.Services.CreateAsyncScope();
        await work(scope.ServiceProvider.GetRequiredService<ClientCatalogue>());
    }
}
