using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.Access;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.ApiKeys;

/// <summary>What a key can be, whoever asks for it, and how wide at most.</summary>
public sealed class KeyRules(IdentityDbContext db, IOptions<ApiKeyOptions> options, TimeProvider time)
{
    internal const int MaximumRequestsPerMinute = 1_000_000;

    /// <summary>Checks a name and restrictions.</summary>
    /// <param name="name">The name.</param>
    /// <param name="networks">The networks as they were sent.</param>
    /// <param name="requestsPerMinute">The limit.</param>
    /// <param name="normalized">The name and the networks as they are stored.</param>
    /// <returns>Everything that is wrong; empty: nothing.</returns>
    internal static IReadOnlyList<Refusal> Check(
        string? name, IReadOnlyList<string>? networks, int? requestsPerMinute, out (string Name, IReadOnlyList<string> Networks) normalized)
    {
        var wrong = new List<Refusal>();
        if (!PublicName.TryRead(name, out var read))
        {
            wrong.Add(Refusal.Invalid("name", "name-invalid", PublicName.MaximumLength));
        }

        IReadOnlyList<string> list = [];
        if (networks is { Count: > KeyNetworks.Maximum })
        {
            wrong.Add(Refusal.Invalid("allowedNetworks", "too-many-networks", KeyNetworks.Maximum));
        }
        else if (!KeyNetworks.TryRead(networks ?? [], out list, out var unreadable))
        {
            wrong.Add(Refusal.Invalid("allowedNetworks", "network-invalid", unreadable ?? string.Empty));
        }

        if (requestsPerMinute is < 1 or > MaximumRequestsPerMinute)
        {
            wrong.Add(Refusal.Invalid("requestsPerMinute", "limit-invalid", MaximumRequestsPerMinute));
        }

        normalized = (read ?? string.Empty, list);
        return wrong;
    }

    /// <summary>Checks the scopes of a new key against what there is and what the maker holds.</summary>
    internal static Refusal? CheckScopes(KeyMaker maker, KeyRequest request)
    {
        if (request.Scopes is not { Count: > 0 } scopes)
        {
            return Refusal.Invalid("scopes", "scopes-missing");
        }

        if (scopes.FirstOrDefault(scope => !ApiScopes.All.Contains(scope)) is { } unknown)
        {
            return Refusal.Invalid("scopes", "scope-unknown", unknown);
        }

        if (request.OrganizationId is not null && scopes.FirstOrDefault(scope => !KeyScopes.ForOrganizations.Contains(scope)) is { } personal)
        {
            return Refusal.Invalid("scopes", "scope-personal", personal);
        }

        return scopes.All(maker.Holds) ? null : KeyRefusals.WiderThanMaker;
    }

    /// <summary>Checks until when a new key may work.</summary>
    internal Refusal? CheckExpiry(DateTimeOffset? expiresAt)
    {
        var now = time.GetUtcNow();
        return expiresAt switch
        {
            null => options.Value.AllowWithoutExpiry ? null : Refusal.Invalid("expiresAt", "expiry-needed"),
            { } end when end <= now || end > now + options.Value.MaximumLifetime =>
                Refusal.Invalid("expiresAt", "expiry-invalid", (int)options.Value.MaximumLifetime.TotalDays),
            _ => null,
        };
    }

    /// <summary>A key that makes or changes keys makes none that works longer, from elsewhere or more often than itself.</summary>
    internal async Task<Refusal?> CheckWithinMakersKeyAsync(
        KeyMaker maker, DateTimeOffset? expiresAt, IReadOnlyList<string> networks, int? requestsPerMinute, CancellationToken cancellationToken)
    {
        if (maker.KeyId is not { } keyId)
        {
            return null;
        }

        var own = await db.ApiKeys.AsNoTracking().SingleOrDefaultAsync(key => key.KeyId == keyId && key.UserId == maker.UserId, cancellationToken);
        var isWithin = own is not null && own.IsAlive(time.GetUtcNow())
            && (own.ExpiresAt is null || expiresAt <= own.ExpiresAt)
            && KeyNetworks.AreWithin(networks, own.AllowedNetworks)
            && (own.RequestsPerMinute is null || requestsPerMinute <= own.RequestsPerMinute);
        return isWithin ? null : KeyRefusals.WiderThanMaker;
    }

    /// <summary>Whether the account has room for one more key. Under the lock on the account.</summary>
    internal async Task<Refusal?> CheckRoomAsync(Guid userId, Guid? organizationId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var keys = organizationId is null
            ? db.ApiKeys.Where(key => key.UserId == userId && key.OrganizationId == null)
            : db.ApiKeys.Where(key => key.OrganizationId == organizationId);
        var count = await keys.CountAsync(key => key.RevokedAt == null && (key.ExpiresAt == null || key.ExpiresAt > now), cancellationToken);
        return count >= options.Value.MaximumPerAccount ? Refusal.Conflict("too-many-keys", options.Value.MaximumPerAccount) : null;
    }

    /// <summary>Why a person does not see an organization's keys; null: the person does.</summary>
    internal async Task<Refusal?> RefusalToSeeAsync(Guid organizationId, Guid userId, CancellationToken cancellationToken)
    {
        var role = await db.Memberships
            .Where(membership => membership.OrganizationId == organizationId && membership.UserId == userId)
            .Select(membership => membership.Role)
            .SingleOrDefaultAsync(cancellationToken);
        return OrganizationPermissions.Allows(role, OrganizationAct.ManageKeys) ? null
            : role is null ? KeyRefusals.OrganizationNotFound
            : KeyRefusals.RoleTooLow;
    }

    /// <summary>The keys that a person sees: one's own, and those of organizations whose keys one manages.</summary>
    internal IQueryable<ApiKey> SeenBy(Guid userId)
    {
        var roles = OrganizationPermissions.RolesWith(OrganizationAct.ManageKeys);
        return db.ApiKeys.Where(key => key.OrganizationId == null
            ? key.UserId == userId
            : db.Memberships.Any(membership => membership.OrganizationId == key.OrganizationId && membership.UserId == userId
                && membership.Role != null && roles.Contains(membership.Role)));
    }
}
