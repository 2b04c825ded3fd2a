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
        // By the rule for clients or by that for tokens, whichever looks first.
        Assert.Contains((await _client.RefreshAsync(tokens.RefreshToken, [("scope", "agents:read"), .. Client()])).Error, new[] { "invalid_scope", "invalid_request" });

        await WithCatalogueAsync(catalogue => catalogue.UpdateAsync(notes, null, CancellationToken.None));
        Assert.DoesNotContain("agents:read", Scopes(await _client.RefreshAsync(tokens.RefreshToken, Client())));
    }

    private static (string, string?)[] Client() => [("client_id", "notes"), ("client_secret", null)];

    private static IEnumerable<string> Scopes(Tokens tokens) => tokens.Access.GetPayloadValue<string>("scope").Split(' ').Order(StringComparer.Ordinal);

    private async Task WithCatalogueAsync<T>(Func<ClientCatalogue, Task<T>> work)
    {
        await using var scope = identity.Services.CreateAsyncScope();
        await work(scope.ServiceProvider.GetRequiredService<ClientCatalogue>());
    }
}
