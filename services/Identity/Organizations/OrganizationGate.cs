using BotGeneric.Identity.Access;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Organizations;

/// <summary>
/// The way into an organization for everything that changes it: one change at a time, by a member whose role allows it. The lock on the organization's
/// row makes races a matter of order: of two that hand over at once the second finds that it is no owner any more. It is taken before any
/// audit entry is written, always in this order, so that nothing waits in a circle.
/// </summary>
public sealed class OrganizationGate(IdentityDbContext db)
{
    /// <summary>Carries out a change and commits it; nothing stays of one that is refused.</summary>
    /// <param name="organizationId">The organization.</param>
    /// <param name="userId">Who wants it; somebody who is no member finds no organization.</param>
    /// <param name="act">What is wanted.</param>
    /// <param name="change">The change. It does not save the last of it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <typeparam name="T">What comes of it.</typeparam>
    public async Task<Outcome<T>> ChangeAsync<T>(
        Guid organizationId, Guid userId, OrganizationAct act, Func<Organization, Membership, Task<Outcome<T>>> change, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(change);
        return await LockedAsync<T>(
            organizationId,
            async organization =>
            {
                var membership = await db.Memberships.SingleOrDefaultAsync(
                    candidate => candidate.OrganizationId == organizationId && candidate.UserId == userId && candidate.Role != null, cancellationToken);
                if (membership is null)
                {
                    return OrganizationRefusals.NotFound;
                }

                return OrganizationPermissions.Allows(membership.Role, act) ? await change(organization, membership) : OrganizationRefusals.RoleTooLow;
            },
            cancellationToken);
    }

    /// <summary>Carries out a change whose right comes from elsewhere, such as an invitation.</summary>
    /// <param name="organizationId">The organization.</param>
    /// <param name="change">The change. It does not save the last of it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <typeparam name="T">What comes of it.</typeparam>
    public async Task<Outcome<T>> LockedAsync<T>(
        Guid organizationId, Func<Organization, Task<Outcome<T>>> change, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(change);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await LockOrganizationAsync(organizationId, cancellationToken);
        var organization = await db.Organizations.SingleOrDefaultAsync(
            candidate => candidate.Id == organizationId && candidate.ClosedAt == null, cancellationToken);
        if (organization is null)
        {
            return OrganizationRefusals.NotFound;
        }

        var outcome = await change(organization);
        if (outcome.IsDone)
        {
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return outcome;
    }

    /// <summary>One change at a time for one organization. Needs a transaction.</summary>
    /// <param name="organizationId">The organization.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task LockOrganizationAsync(Guid organizationId, CancellationToken cancellationToken) =>
        // Not FOR UPDATE: rows that refer to the organization may be added meanwhile.
        db.Database.ExecuteSqlAsync($"SELECT 1 FROM organizations WHERE id = {organizationId} FOR NO KEY UPDATE", cancellationToken);

    /// <summary>One after the other for one person: what is counted per person stays counted while it is decided. Needs a transaction.</summary>
    /// <param name="userId">The person.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task LockPersonAsync(Guid userId, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT 1 FROM users WHERE id = {userId} FOR NO KEY UPDATE", cancellationToken);
}
