using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace BotGeneric.Identity.TokenServer.Clients;

/// <summary>Registers the system's own clients at the start, and brings them up to date with the configuration. Safe to repeat, and in several replicas at once.</summary>
internal sealed class ClientSeeding(IServiceScopeFactory scopes, IOptions<ClientOptions> options, IOptions<OriginOptions> origin) : IHostedService
{
    // The class of the lock: "clnt" in ASCII.
    private const int LockClass = 0x636C6E74;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IdentityDbContext>();
        var clients = scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({LockClass}, 0)", cancellationToken);
        foreach (var (definition, secret) in Definitions())
        {
            await SeedAsync(clients, definition, secret, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static async Task SeedAsync(IOpenIddictApplicationManager clients, ClientDefinition definition, string secret, CancellationToken cancellationToken)
    {
        var descriptor = new OpenIddictApplicationDescriptor();
        if (await clients.FindByClientIdAsync(definition.ClientId, cancellationToken) is not { } client)
        {
            definition.Populate(descriptor);
            descriptor.ClientSecret = secret;
            await clients.CreateAsync(descriptor, cancellationToken);
            return;
        }

        await clients.PopulateAsync(descriptor, client, cancellationToken);
        definition.Populate(descriptor);
        await clients.UpdateAsync(client, descriptor, cancellationToken);
        if (!await clients.ValidateClientSecretAsync(client, secret, cancellationToken))
        {
            descriptor.ClientSecret = secret;
            await clients.UpdateAsync(client, descriptor, cancellationToken);
        }
    }

    private IEnumerable<(ClientDefinition Definition, string Secret)> Definitions()
    {
        var clients = options.Value;
        if (clients.Gateway.Secret is { } gateway)
        {
            yield return (new ClientDefinition
            {
                ClientId = "gateway",
                DisplayName = "Bot-Generic",
                IsFirstParty = true,
                IsConfigured = true,
                Grants = [GrantTypes.AuthorizationCode, GrantTypes.RefreshToken],
                Scopes = TokenServerNames.Scopes,
                RedirectUris = [origin.Value.Address("/session/callback").AbsoluteUri],
                PostLogoutRedirectUris = [origin.Value.Address("/session/signed-out").AbsoluteUri],
                MayIntrospect = true,
                SystemPermissions = [Permissions.Prefixes.GrantType + TokenServerNames.ApiKeyGrant, TokenServerNames.ActingPermission],
            }, gateway);
        }

        if (clients.Telegram.Secret is { } telegram)
        {
            yield return (Service(
                "telegram", "Telegram bot", ApiScopes.UsersRead, ApiScopes.AgentsRead, ApiScopes.AgentsWrite, ApiScopes.PolicyRead, ApiScopes.UsageRead,
                ApiScopes.BillingRead, ApiScopes.TelegramWrite), telegram);
        }

        if (clients.Agents.Secret is { } agents)
        {
            yield return (Service(
                "agents", "Agents", ApiScopes.PolicyRead, ApiScopes.PolicyAuthorize, ApiScopes.UsageRead, ApiScopes.UsageWrite, ApiScopes.BillingRead), agents);
        }
    }

    private static ClientDefinition Service(string clientId, string name, params string[] scopes) => new()
    {
        ClientId = clientId,
        DisplayName = name,
        IsFirstParty = true,
        IsConfigured = true,
        Grants = [GrantTypes.ClientCredentials, GrantTypes.TokenExchange],
        Scopes = scopes,
        MayIntrospect = true,
    };
}
