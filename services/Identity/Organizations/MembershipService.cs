using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Identity.Access;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Messaging;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Organizations;

/// <summary>Roles change, members leave, organizations are handed over. Every method saves.</summary>
public sealed class MembershipService(
    IdentityDbContext db, OrganizationGate gate, MembershipEnd end, IdentityEvents events, AuditTrail audit, IOptions<OrganizationOptions> options)
{
    /// <summary>Gives a member another role; giving the same one changes nothing.</summary>
    /// <param name="organizationId">The organization.</param>
    /// <param name="actorId">Who wants it.</param>
    /// <param name="memberId">The member.</param>
    /// <param name="role">The role.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<Outcome<Membership>> ChangeRoleAsync(
        Guid organizationId, Guid actorId, Guid memberId, string? role, CancellationToken cancellationToken) =>
        gate.ChangeAsync<Membership>(
            organizationId, actorId, OrganizationAct.ManageMembers,
            async (_, actor) =>
            {
                if (role is null || !OrganizationPermissions.GivenRoles.Contains(role))
                {
                    return Refusal.Invalid("role", "role-invalid");
                }

                if (await FindAsync(organizationId, memberId, cancellationToken) is not { } member)
                {
                    return OrganizationRefusals.MemberNotFound;
                }

                if (!OrganizationPermissions.MayChangeRole(actor.Role, member.Role!, role))
                {
                    return OrganizationRefusals.OwnerUntouchable;
                }

                var before = member.Role;
                if (member.ChangeRole(role))
                {
                    await TellAsync(member, cancellationToken);
                    audit.Add(
                        AuditActions.MemberRoleChanged, memberId, organizationId: organizationId, actorId: actorId,
                        details: new Dictionary<string, string?> { ["from"] = before, ["to"] = role });
                }

                return member;
            },
            cancellationToken);

    /// <summary>Removes a member, and with the membership the keys and the acting sessions.</summary>
    /// <param name="organizationId">The organization.</param>
    /// <param name="actorId">Who wants it.</param>
    /// <param name="memberId">The member; oneself means leaving.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<Outcome<Membership>> RemoveAsync(Guid organizationId, Guid actorId, Guid memberId, CancellationToken cancellationToken) =>
        actorId == memberId
            ? LeaveAsync(organizationId, actorId, cancellationToken)
            : gate.ChangeAsync<Membership>(
                organizationId, actorId, OrganizationAct.ManageMembers,
                async (_, actor) =>
                {
                    if (await FindAsync(organizationId, memberId, cancellationToken) is not { } member)
                    {
                        return OrganizationRefusals.MemberNotFound;
                    }

                    return OrganizationPermissions.MayRemove(actor.Role, member.Role!)
                        ? await EndAsync(member, actorId, cancellationToken)
                        : OrganizationRefusals.OwnerUntouchable;
                },
                cancellationToken);

    /// <summary>Leaves. The owner hands over first.</summary>
    /// <param name="organizationId">The organization.</param>
    /// <param name="userId">Who leaves.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<Outcome<Membership>> LeaveAsync(Guid organizationId, Guid userId, CancellationToken cancellationToken) =>
        gate.ChangeAsync<Membership>(
            organizationId, userId, OrganizationAct.See,
            async (_, member) => OrganizationPermissions.MayLeave(member.Role)
                ? await EndAsync(member, userId, cancellationToken)
                : OrganizationRefusals.OwnerCannotLeave,
            cancellationToken);

    /// <summary>Hands the organization over to another member. The owner before is an admin afterwards.</summary>
    /// <param name="organizationId">The organization.</param>
    /// <param name="ownerId">Its owner.</param>
    /// <param name="memberId">Who is to own it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<Outcome<Membership>> TransferAsync(Guid organizationId, Guid ownerId, Guid memberId, CancellationToken cancellationToken) =>
        gate.ChangeAsync<Membership>(
            organizationId, ownerId, OrganizationAct.Transfer,
            async (_, owner) =>
            {
                if (ownerId == memberId)
                {
                    return OrganizationRefusals.AlreadyOwner;
                }

                if (await FindAsync(organizationId, memberId, cancellationToken) is not { } member)
                {
                    return OrganizationRefusals.MemberNotFound;
                }

                await gate.LockPersonAsync(memberId, cancellationToken);
                if (await OrganizationLifecycle.CountOwnedAsync(db, memberId, cancellationToken) >= options.Value.MaximumOwned)
                {
                    return Refusal.Conflict("too-many-owned-by-member", options.Value.MaximumOwned);
                }

                owner.ChangeRole(OrganizationRoles.Admin);
                // At most one owner at any moment, says an index of the database: so the one before goes first.
                await db.SaveChangesAsync(cancellationToken);
                member.ChangeRole(OrganizationRoles.Owner);
                await TellAsync(owner, cancellationToken);
                await TellAsync(member, cancellationToken);
                audit.Add(AuditActions.OwnershipTransferred, memberId, organizationId: organizationId, actorId: ownerId);
                return member;
            },
            cancellationToken);

    private async Task<Membership> EndAsync(Membership member, Guid actorId, CancellationToken cancellationToken)
    {
        await end.ApplyAsync(member, cancellationToken);
        audit.Add(AuditActions.MemberLeft, member.UserId, organizationId: member.OrganizationId, actorId: actorId);
        return member;
    }

    // Tokens of sessions that act for the organization name the role.
    private async Task TellAsync(Membership member, CancellationToken cancellationToken)
    {
        events.Changed(member);
        var acting = await db.Sessions
            .Where(session => session.UserId == member.UserId && session.OrganizationId == member.OrganizationId && session.RevokedAt == null)
            .ToListAsync(cancellationToken);
        acting.ForEach(events.Changed);
    }

    private Task<Membership?> FindAsync(Guid organizationId, Guid userId, CancellationToken cancellationToken) => db.Memberships.SingleOrDefaultAsync(
        member => member.OrganizationId == organizationId && member.UserId == userId && member.Role != null, cancellationToken);
}
