using BotGeneric.Identity.ApiKeys;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Messaging;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Organizations;

/// <summary>What ends together with a membership: the keys with which the person acted in the organization's name, and sessions that act in it.</summary>
public sealed class MembershipEnd(IdentityDbContext db, ApiKeyService keys, IdentityEvents events, TimeProvider time)
{
    /// <summary>Ends a membership and what hangs on it. Adds to the changes of the caller, who saves.</summary>
    /// <param name="membership">The membership.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task ApplyAsync(Membership membership, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(membership);
        if (membership.Leave())
        {
            events.Changed(membership);
            await EndAsync(
                db.ApiKeys.Where(key => key.OrganizationId == membership.OrganizationId && key.UserId == membership.UserId),
                db.Sessions.Where(session => session.OrganizationId == membership.OrganizationId && session.UserId == membership.UserId),
                cancellationToken);
        }
    }

    /// <summary>
    /// Closes an organization: every membership ends, with what hangs on it, and so does every invitation. Adds to the changes of the caller, who holds the
    /// lock on the organization and saves.
    /// </summary>
    /// <param name="organization">The organization.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task CloseAsync(Organization organization, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(organization);
        var now = time.GetUtcNow();
        organization.Close(now);
        var memberships = await db.Memberships
            .Where(membership => membership.OrganizationId == organization.Id && membership.Role != null).ToListAsync(cancellationToken);
        foreach (var membership in memberships)
        {
            membership.Leave();
            events.Changed(membership);
        }

        await EndAsync(
            db.ApiKeys.Where(key => key.OrganizationId == organization.Id),
            db.Sessions.Where(session => session.OrganizationId == organization.Id),
            cancellationToken);
        var invitations = await db.Invitations
            .Where(invitation => invitation.OrganizationId == organization.Id && invitation.AcceptedAt == null && invitation.RevokedAt == null)
            .ToListAsync(cancellationToken);
        invitations.ForEach(invitation => invitation.Revoke(now));
    }

    private async Task EndAsync(IQueryable<ApiKey> ofKeys, IQueryable<UserSession> ofSessions, CancellationToken cancellationToken)
    {
        await keys.RevokeAllAsync(ofKeys, cancellationToken);
        foreach (var session in await ofSessions.Where(session => session.RevokedAt == null).ToListAsync(cancellationToken))
        {
            session.ActFor(null);
            events.Changed(session);
        }
    }
}
