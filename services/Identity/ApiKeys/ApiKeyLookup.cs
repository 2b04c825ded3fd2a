using System.Security.Cryptography;
using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Administration;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.ApiKeys;

/// <summary>What a key stands for at this moment.</summary>
/// <param name="Key">The key; not tracked.</param>
/// <param name="User">For whom it acts; not tracked.</param>
/// <param name="OrganizationRole">The person's role in the organization of the key; null for a personal key.</param>
/// <param name="IsAdmin">
/// Whether it may do what those may who run the system: the scope, the role, and a second factor on the account where that is demanded.
/// </param>
public sealed record ResolvedApiKey(ApiKey Key, User User, string? OrganizationRole, bool IsAdmin);

/// <summary>What became of looking a key up.</summary>
/// <param name="Resolved">What it stands for; null: it does not work.</param>
/// <param name="HasExpired">Whether it would work but for the end that was set for it. Whoever sent it holds the whole key, so this tells nobody of a key.</param>
public readonly record struct FoundApiKey(ResolvedApiKey? Resolved, bool HasExpired);

/// <summary>
/// Finds out what a key stands for. The key of an organization works as long as the person for whom it acts may manage the organization's keys. For the token server, which gives the gateway a token for it.
/// </summary>
public sealed class ApiKeyLookup(IdentityDbContext db, IOptions<AdministrationOptions> administration, TimeProvider time)
{
    private static readonly TimeSpan UseInterval = TimeSpan.FromMinutes(1);

    /// <summary>
    /// What a key stands for. What no issued key can be is refused without asking the database. Notes the use, at most once a minute. Whether the
    /// caller's address is one of <see cref="ApiKey.AllowedNetworks"/> is for those who see it to check.
    /// </summary>
    /// <param name="key">What was sent.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What it stands for. Of a key that does not work nothing is said but whether it has expired.</returns>
    public async Task<FoundApiKey> FindAsync(string key, CancellationToken cancellationToken)
    {
        if (!ApiKeyFormat.TryParse(key, out var keyId))
        {
            return default;
        }

        var row = await (
            from candidate in db.ApiKeys.AsNoTracking()
            where candidate.KeyId == keyId
            join user in db.Users.AsNoTracking() on candidate.UserId equals user.Id
            select new
            {
                Key = candidate,
                User = user,
                Role = db.Memberships
                    .Where(membership => membership.OrganizationId == candidate.OrganizationId && membership.UserId == candidate.UserId)
                    .Where(membership => db.Organizations.Any(organization => organization.Id == membership.OrganizationId && organization.ClosedAt == null))
                    .Select(membership => membership.Role)
                    .FirstOrDefault(),
                HasPasskey = db.Set<IdentityUserPasskey<Guid>>().Any(passkey => passkey.UserId == candidate.UserId),
            }).SingleOrDefaultAsync(cancellationToken);
        var now = time.GetUtcNow();
        if (row is null || !CryptographicOperations.FixedTimeEquals(ApiKeyFormat.Hash(key), row.Key.SecretHash)
            || row.Key.RevokedAt is not null || !row.User.MaySignIn
            || (row.Key.OrganizationId is not null && !OrganizationPermissions.Allows(row.Role, OrganizationAct.ManageKeys)))
        {
            return default;
        }

        if (!row.Key.IsAlive(now))
        {
            return new FoundApiKey(null, HasExpired: true);
        }

        await NoteUseAsync(row.Key, now, cancellationToken);
        var isAdmin = row.User.IsAdmin && row.Key.Scopes.Contains(ApiScopes.Admin)
            && (row.User.TwoFactorEnabled || row.HasPasskey || !administration.Value.RequireSecondFactor);
        return new FoundApiKey(new ResolvedApiKey(row.Key, row.User, row.Role, isAdmin), HasExpired: false);
    }

    private async Task NoteUseAsync(ApiKey key, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var before = now - UseInterval;
        if (key.LastUsedAt > before)
        {
            return;
        }

        // The condition once more in the database: of many requests at once one writes.
        await db.ApiKeys
            .Where(candidate => candidate.Id == key.Id && (candidate.LastUsedAt == null || candidate.LastUsedAt <= before))
            .ExecuteUpdateAsync(update => update.SetProperty(candidate => candidate.LastUsedAt, now), cancellationToken);
    }
}
