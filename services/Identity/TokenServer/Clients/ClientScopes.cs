using OpenIddict.Abstractions;

namespace BotGeneric.Identity.TokenServer.Clients;

/// <summary>What a client may ask for.</summary>
internal sealed class ClientScopes(IOpenIddictApplicationManager clients)
{
    /// <summary>Scopes that no client has to be registered with: nothing can be done with them alone.</summary>
    public static readonly string[] ForEveryClient = [OpenIddictConstants.Scopes.OpenId, OpenIddictConstants.Scopes.OfflineAccess];

    /// <summary>The scopes of a client; none for one that is not known.</summary>
    public async Task<IReadOnlyCollection<string>> OfAsync(string clientId, CancellationToken cancellationToken) =>
        await clients.FindByClientIdAsync(clientId, cancellationToken) is { } client
            ? [.. (await clients.GetPermissionsAsync(client, cancellationToken))
                .Where(permission => permission.StartsWith(OpenIddictConstants.Permissions.Prefixes.Scope, StringComparison.Ordinal))
                .Select(permission => permission[OpenIddictConstants.Permissions.Prefixes.Scope.Length..])]
            : [];
}
