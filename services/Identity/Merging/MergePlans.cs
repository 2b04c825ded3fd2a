using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Merging;

/// <summary>What a merge will do, for the person who is asked.</summary>
/// <param name="Kept">How to recognise the account that stays; null without address and name.</param>
/// <param name="Absorbed">How to recognise the one that becomes part of it.</param>
/// <param name="Moving">The providers whose identities move.</param>
/// <param name="Ending">The providers whose identities end, because the account that stays has one of that kind.</param>
/// <param name="MovingEmail">The address that the account that stays gets; null: none.</param>
/// <param name="EndingEmail">The address that opens no account afterwards; null: none.</param>
/// <param name="Organizations">The organizations, by name.</param>
/// <param name="Keys">How many API keys that work move.</param>
/// <param name="Passkeys">How many passkeys end.</param>
/// <param name="HasSecondFactor">Whether the account that becomes part of the other has an authenticator.</param>
/// <param name="MovesSecondFactor">Whether it comes along, with its recovery codes; else it ends.</param>
public sealed record MergePlan(
    string? Kept, string? Absorbed, IReadOnlyList<string> Moving, IReadOnlyList<string> Ending, string? MovingEmail, string? EndingEmail,
    IReadOnlyList<string> Organizations, int Keys, int Passkeys, bool HasSecondFactor, bool MovesSecondFactor);

/// <summary>Reads what a merge will do.</summary>
internal sealed class MergePlans(IdentityDbContext db, TimeProvider time)
{
    internal async Task<MergePlan> ReadAsync(MergeIntent intent, CancellationToken cancellationToken)
    {
        var (keptId, absorbedId) = (intent.KeptUserId, intent.AbsorbedUserId);
        var kept = await db.Users.AsNoTracking().SingleAsync(user => user.Id == keptId, cancellationToken);
        var absorbed = await db.Users.AsNoTracking().SingleAsync(user => user.Id == absorbedId, cancellationToken);
        var identities = await db.ExternalIdentities.AsNoTracking()
            .Where(identity => identity.UserId == keptId || identity.UserId == absorbedId)
            .OrderBy(identity => identity.Provider)
            .ToListAsync(cancellationToken);
        var held = identities.Where(identity => identity.UserId == keptId).Select(identity => identity.Provider).ToHashSet(StringComparer.Ordinal);
        var others = identities.Where(identity => identity.UserId == absorbedId).Select(identity => identity.Provider).ToList();
        var organizations = await db.Memberships
            .Where(membership => membership.UserId == absorbedId && membership.Role != null)
            .Join(db.Organizations.Where(organization => organization.ClosedAt == null),
                membership => membership.OrganizationId, organization => organization.Id, (_, organization) => organization.Name)
            .OrderBy(name => name)
            .ToListAsync(cancellationToken);
        var now = time.GetUtcNow();
        var keys = await db.ApiKeys.CountAsync(
            key => key.UserId == absorbedId && key.RevokedAt == null && (key.ExpiresAt == null || key.ExpiresAt > now), cancellationToken);
        var passkeys = await db.Set<IdentityUserPasskey<Guid>>().CountAsync(passkey => passkey.UserId == absorbedId, cancellationToken);
        return new MergePlan(
            NameOf(kept), NameOf(absorbed), [.. others.Where(provider => !held.Contains(provider))], [.. others.Where(held.Contains)],
            kept.Email is null ? absorbed.Email : null, kept.Email is null ? null : absorbed.Email, organizations, keys, passkeys, absorbed.TwoFactorEnabled,
            MergeRules.MovesSecondFactor(kept, absorbed));
    }

    private static string? NameOf(User user) => user.Email ?? user.DisplayName;
}
