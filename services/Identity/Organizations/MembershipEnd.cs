using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Messaging;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Organizations;

/// <summary>What ends together with a membership: the keys with which the person acted in the organization's name, and sessions that act in it.</summary>
public sealed class MembershipEnd(IdentityDbContext db, IdentityEvents events, AuditTrail audit, TimeProvider time)
{
    /// <summary>Ends a membership and what hangs on it. Adds to the changes of the caller, who saves.</summary>
    /// <param name="membership">The membership.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task ApplyAsync(Membership membership, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(membership);
        if (!membership.Leave())
        {
            return;
        }

        var now = time.GetUtcNow();
        events.Changed(membership);
        var keys = await db.ApiKeys
            .Where(key => key.OrganizationId == membership.OrganizationId && key.UserId == membership.UserId && key.RevokedAt == null)
            .ToListAsync(cancellationToken);
        foreach (var key in keys)
        {
            key.Revoke(now);
            events.Revoked(key);
            audit.Add(AuditActions.ApiKeyRevoked, key.UserId, organizationId: key.OrganizationId, target: key.Id.ToString());
        }

        var sessions = await db.Sessions
            .Where(session => session.OrganizationId == membership.OrganizationId && session.UserId == membership.UserId && session.RevokedAt == null)
            .ToListAsync(cancellationToken);
        foreach (var session in sessions)
        {
            session.ActFor(null);
            events.Changed(session);
        }
    }
}
