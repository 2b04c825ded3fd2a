using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Identity.Access;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Messaging;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Organizations;

/// <summary>Organizations come, are renamed and go; sessions begin and cease to act in their name.</summary>
public sealed class OrganizationLifecycle(
    IdentityDbContext db, OrganizationGate gate, MembershipEnd end, IdentityEvents events, AuditTrail audit, IOptions<OrganizationOptions> options,
    TimeProvider time)
{
    /// <summary>Creates an organization whose owner is the person. Saves.</summary>
    /// <param name="userId">The person.</param>
    /// <param name="name">What it is to be called.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<Outcome<Organization>> CreateAsync(Guid userId, string? name, CancellationToken cancellationToken)
    {
        if (!PublicName.TryRead(name, out var read))
        {
            return Refusal.Invalid("name", "name-invalid", PublicName.MaximumLength);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await gate.LockPersonAsync(userId, cancellationToken);
        if (!await db.Users.AnyAsync(user => user.Id == userId && user.DeletedAt == null, cancellationToken))
        {
            return OrganizationRefusals.NoAccount;
        }

        if (await CountOwnedAsync(db, userId, cancellationToken) >= options.Value.MaximumOwned)
        {
            return Refusal.Conflict("too-many-owned", options.Value.MaximumOwned);
        }

        var now = time.GetUtcNow();
        var organization = Organization.Create(read, now);
        var membership = Membership.Join(organization.Id, userId, OrganizationRoles.Owner, now);
        db.Organizations.Add(organization);
        db.Memberships.Add(membership);
        events.Created(organization, userId);
        events.Changed(membership);
        audit.Add(AuditActions.OrganizationCreated, userId, organizationId: organization.Id, actorId: userId);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return organization;
    }

    /// <summary>Calls an organization something else. Saves.</summary>
    /// <param name="organizationId">The organization.</param>
    /// <param name="userId">Who wants it.</param>
    /// <param name="name">What it is to be called.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<Outcome<Organization>> RenameAsync(Guid organizationId, Guid userId, string? name, CancellationToken cancellationToken) =>
        await gate.ChangeAsync<Organization>(
            organizationId, userId, OrganizationAct.Rename,
            (organization, _) =>
            {
                if (!PublicName.TryRead(name, out var read))
                {
                    return Task.FromResult<Outcome<Organization>>(Refusal.Invalid("name", "name-invalid", PublicName.MaximumLength));
                }

                if (organization.Name != read)
                {
                    organization.Rename(read);
                    audit.Add(AuditActions.OrganizationChanged, null, organizationId: organizationId, actorId: userId);
                }

                return Task.FromResult<Outcome<Organization>>(organization);
            },
            cancellationToken);

    /// <summary>Closes an organization: nobody is a member any more, its keys and invitations end. It cannot be opened again. Saves.</summary>
    /// <param name="organizationId">The organization.</param>
    /// <param name="userId">Its owner.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<Outcome<Organization>> CloseAsync(Guid organizationId, Guid userId, CancellationToken cancellationToken) =>
        await gate.ChangeAsync<Organization>(
            organizationId, userId, OrganizationAct.Close,
            async (organization, _) =>
            {
                await end.CloseAsync(organization, cancellationToken);
                audit.Add(AuditActions.OrganizationClosed, null, organizationId: organizationId, actorId: userId);
                return organization;
            },
            cancellationToken);

    /// <summary>
    /// Acts in the name of an organization from now on, or in one's own. The gateway hears of it and exchanges the session's token before the next
    /// request; a token that an application holds itself keeps what it says until it is refreshed or runs out. Saves.
    /// </summary>
    /// <param name="userId">The person.</param>
    /// <param name="sessionId">The session; null for a token without one.</param>
    /// <param name="organizationId">The organization; null: in one's own name.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<Outcome<ActiveOrganizationDetail>> SelectAsync(
        Guid userId, Guid? sessionId, Guid? organizationId, CancellationToken cancellationToken)
    {
        if (organizationId is { } id)
        {
            return await gate.ChangeAsync<ActiveOrganizationDetail>(
                id, userId, OrganizationAct.See, (_, _) => ActAsync(userId, sessionId, id, cancellationToken), cancellationToken);
        }

        var outcome = await ActAsync(userId, sessionId, null, cancellationToken);
        if (outcome.IsDone)
        {
            await db.SaveChangesAsync(cancellationToken);
        }

        return outcome;
    }

    internal static Task<int> CountOwnedAsync(IdentityDbContext db, Guid userId, CancellationToken cancellationToken) => db.Memberships.CountAsync(
        membership => membership.UserId == userId && membership.Role == OrganizationRoles.Owner, cancellationToken);

    private async Task<Outcome<ActiveOrganizationDetail>> ActAsync(
        Guid userId, Guid? sessionId, Guid? organizationId, CancellationToken cancellationToken)
    {
        var session = await db.Sessions.SingleOrDefaultAsync(
            candidate => candidate.Id == sessionId && candidate.UserId == userId && candidate.RevokedAt == null, cancellationToken);
        if (session is null)
        {
            return OrganizationRefusals.NoSession;
        }

        if (session.OrganizationId != organizationId)
        {
            session.ActFor(organizationId);
            events.Changed(session);
            audit.Add(AuditActions.OrganizationSelected, userId, organizationId: organizationId, target: session.Id.ToString(), actorId: userId);
        }

        return new ActiveOrganizationDetail(organizationId);
    }
}
