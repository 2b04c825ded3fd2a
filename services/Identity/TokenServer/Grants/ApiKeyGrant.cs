using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.ApiKeys;
using BotGeneric.Identity.Domain;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;

namespace BotGeneric.Identity.TokenServer.Grants;

/// <summary>
/// The gateway turns a key into an access token, and learns the terms of the key. What is no key in form has been refused before anything was looked up.
/// </summary>
internal sealed class ApiKeyGrant(ApiKeyLookup keys, TokenPrincipals principals, IOptions<TokenServerOptions> options, TimeProvider time)
{
    public async Task<GrantResult> ExchangeAsync(OpenIddictRequest request, CancellationToken cancellationToken)
    {
        var found = (string?)request["api_key"] is { } sent ? await keys.FindAsync(sent, cancellationToken) : default;
        if (found.Resolved is not { } resolved)
        {
            return found.HasExpired
                ? GrantResult.Invalid("The key has expired.") with { Members = new Dictionary<string, OpenIddictParameter> { ["key_state"] = "expired" } }
                : GrantResult.Invalid("The key is unknown or was revoked.");
        }

        var key = resolved.Key;
        var principal = principals.Create(resolved, Allowed(resolved));
        var left = key.ExpiresAt - time.GetUtcNow();
        var lifetime = options.Value.AccessTokenLifetime;
        principal.SetAccessTokenLifetime(left < lifetime ? left : lifetime);
        return GrantResult.Granted(principal, Terms(key));
    }

    // Scopes are named in keys for years; one that is gone by now is left out, and so is the one of admins where it is worth nothing.
    private static List<string> Allowed(ResolvedApiKey resolved) =>
        [.. resolved.Key.Scopes.Intersect(ApiScopes.All, StringComparer.Ordinal).Where(scope => scope != ApiScopes.Admin || resolved.IsAdmin)];

    private static Dictionary<string, OpenIddictParameter> Terms(ApiKey key)
    {
        var terms = new Dictionary<string, OpenIddictParameter>
        {
            ["key_id"] = key.KeyId,
            ["account_id"] = (key.OrganizationId ?? key.UserId).ToString(),
            ["allowed_networks"] = JsonSerializer.SerializeToElement(key.AllowedNetworks),
        };
        if (key.RequestsPerMinute is { } limit)
        {
            terms["requests_per_minute"] = limit;
        }

        if (key.ExpiresAt is { } expiresAt)
        {
            terms["key_expires_at"] = expiresAt.ToUnixTimeSeconds();
        }

        return terms;
    }
}
