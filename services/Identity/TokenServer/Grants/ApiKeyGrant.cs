using System.Security.Cryptography;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;

namespace BotGeneric.Identity.TokenServer.Grants;

/// <summary>
/// The gateway turns a key into an access token, and learns the terms of the key. What is no key in form has been refused before anything was looked up.
/// </summary>
internal sealed class ApiKeyGrant(
    IdentityDbContext db, TokenSubjects subjects, TokenPrincipals principals, IOptions<TokenServerOptions> options, TimeProvider time)
{
    private static readonly TimeSpan UseInterval = TimeSpan.FromMinutes(1);

    public async Task<GrantResult> ExchangeAsync(OpenIddictRequest request, CancellationToken cancellationToken)
    {
        var sent = (string?)request["api_key"];
        if (!ApiKeyFormat.TryParse(sent, out var keyId))
        {
            return Invalid();
        }

        var found = await db.ApiKeys.AsNoTracking()
            .Where(key => key.KeyId == keyId)
            .Join(db.Users.AsNoTracking(), key => key.UserId, user => user.Id, (key, user) => new { Key = key, Owner = user })
            .SingleOrDefaultAsync(cancellationToken);
        var now = time.GetUtcNow();
        if (found is null || !CryptographicOperations.FixedTimeEquals(ApiKeyFormat.Hash(sent), found.Key.SecretHash)
            || !found.Key.IsAlive(now) || !found.Owner.MaySignIn)
        {
            return Invalid();
        }

        var (key, owner) = (found.Key, found.Owner);
        Membership? membership = null;
        if (key.OrganizationId is { } organizationId)
        {
            membership = await subjects.MembershipAsync(owner.Id, organizationId, cancellationToken);
            if (membership?.Role is not (OrganizationRoles.Owner or OrganizationRoles.Admin))
            {
                return Invalid();
            }
        }

        await NoteUseAsync(key, now, cancellationToken);
        var principal = principals.Create(owner, key, membership, Allowed(key, owner));
        var lifetime = options.Value.AccessTokenLifetime;
        principal.SetAccessTokenLifetime(key.ExpiresAt - now < lifetime ? key.ExpiresAt!.Value - now : lifetime);
        return GrantResult.Granted(principal, Terms(key));
    }

    // Scopes are named in keys for years; one that is gone by now is left out.
    private static List<string> Allowed(ApiKey key, User owner) =>
        [.. key.Scopes.Intersect(ApiScopes.All, StringComparer.Ordinal).Where(scope => scope != ApiScopes.Admin || owner.IsAdmin)];

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

    private static GrantResult Invalid() => GrantResult.Invalid("The key is not valid.");

    // One write a minute at most, whichever replica sees the key: the condition is part of the statement.
    private async Task NoteUseAsync(ApiKey key, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var before = now - UseInterval;
        if (key.LastUsedAt is null || key.LastUsedAt <= before)
        {
            await db.ApiKeys
                .Where(candidate => candidate.Id == key.Id && (candidate.LastUsedAt == null || candidate.LastUsedAt <= before))
                .ExecuteUpdateAsync(set => set.SetProperty(candidate => candidate.LastUsedAt, now), cancellationToken);
        }
    }
}
