using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Identity.ApiKeys;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Messaging;
using BotGeneric.Identity.Organizations;
using BotGeneric.Identity.Sessions;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using OpenIddict.EntityFrameworkCore.Models;

namespace BotGeneric.Identity.Accounts.Privacy;

/// <summary>Erases people whose days of grace are over, and tells the other services to.</summary>
public sealed class Eraser(
    IdentityDbContext db, SessionService sessions, OrganizationGate gate, MembershipEnd memberships, ApiKeyService keys, IdentityEvents events, AuditTrail audit,
    TimeProvider time)
{
    // The class of the lock: "eras" in ASCII.
    private const int LockClass = 1701994867;

    /// <summary>
    /// Erases one person who is due, in one transaction. One replica at a time: another that looks meanwhile finds nothing to do.
    /// </summary>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> EraseNextAsync(CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var isMine = await db.Database.SqlQuery<bool>($"SELECT pg_try_advisory_xact_lock({LockClass}, 0) AS \"Value\"").SingleAsync(cancellationToken);
        var now = time.GetUtcNow();
        var due = !isMine ? null : await db.Erasures
            .Where(erasure => erasure.CancelledAt == null && erasure.StartedAt == null && erasure.DueAt <= now)
            .OrderBy(erasure => erasure.DueAt)
            .FirstOrDefaultAsync(cancellationToken);
        if (due is null)
        {
            return false;
        }

        due.Start(now);
        var user = await db.Users.SingleAsync(candidate => candidate.Id == due.UserId, cancellationToken);
        await EraseAsync(user, now, cancellationToken);
        events.Deleted(user.Id);
        audit.Add(AuditActions.UserErased, user.Id);
        await db.SaveChangesAsync(cancellationToken);
        await ForgetTracesAsync(user.Id, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private async Task EraseAsync(User user, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var email = user.NormalizedEmail;
        await LeaveAsync(user.Id, cancellationToken);
        await sessions.RevokeAllAsync(user, except: null, cancellationToken);
        await keys.RevokeAllAsync(db.ApiKeys.Where(key => key.UserId == user.Id), cancellationToken);
        foreach (var identity in await db.ExternalIdentities.Where(link => link.UserId == user.Id).ToListAsync(cancellationToken))
        {
            events.Unlinked(identity);
            db.ExternalIdentities.Remove(identity);
        }

        await db.UserTokens.Where(token => token.UserId == user.Id).ExecuteDeleteAsync(cancellationToken);
        await db.UserClaims.Where(claim => claim.UserId == user.Id).ExecuteDeleteAsync(cancellationToken);
        await db.UserLogins.Where(login => login.UserId == user.Id).ExecuteDeleteAsync(cancellationToken);
        await db.Set<IdentityUserPasskey<Guid>>().Where(passkey => passkey.UserId == user.Id).ExecuteDeleteAsync(cancellationToken);
        // What was allowed to applications, and tokens: their payload says who the person is.
        var subject = user.Id.ToString();
        await db.Set<OpenIddictEntityFrameworkCoreToken<Guid>>().Where(token => token.Subject == subject).ExecuteDeleteAsync(cancellationToken);
        await db.Set<OpenIddictEntityFrameworkCoreAuthorization<Guid>>().Where(consent => consent.Subject == subject).ExecuteDeleteAsync(cancellationToken);
        await db.SignInAttempts.Where(attempt => attempt.UserId == user.Id).ExecuteDeleteAsync(cancellationToken);
        await db.OneTimeLinks.Where(link => link.UserId == user.Id).ExecuteDeleteAsync(cancellationToken);
        await db.ChatLinks.Where(link => link.UserId == user.Id).ExecuteDeleteAsync(cancellationToken);
        if (email is not null)
        {
            await db.OneTimeLinks.Where(link => link.Email != null && link.Email.ToUpper() == email).ExecuteDeleteAsync(cancellationToken);
            await db.Invitations.Where(invitation => invitation.NormalizedEmail == email).ExecuteDeleteAsync(cancellationToken);
        }

        user.TwoFactorEnabled = false;
        user.SecurityStamp = Guid.NewGuid().ToString("N");
        user.Erase(now);
    }

    private async Task LeaveAsync(Guid userId, CancellationToken cancellationToken)
    {
        foreach (var membership in await db.Memberships.Where(member => member.UserId == userId && member.Role != null).ToListAsync(cancellationToken))
        {
            await gate.LockOrganizationAsync(membership.OrganizationId, cancellationToken);
            if (membership.Role == OrganizationRoles.Owner)
            {
                // A deletion while others are in it is refused. If somebody joined since, it closes all the same, for everybody.
                await memberships.CloseAsync(
                    await db.Organizations.SingleAsync(organization => organization.Id == membership.OrganizationId, cancellationToken), cancellationToken);
                audit.Add(AuditActions.OrganizationClosed, null, organizationId: membership.OrganizationId);
            }
            else
            {
                await memberships.ApplyAsync(membership, cancellationToken);
            }
        }
    }

    // After everything is written: the entries of the erasure itself are among them. Accounts that became part of this one left traces too.
    private async Task ForgetTracesAsync(Guid userId, CancellationToken cancellationToken)
    {
        Guid[] ids = [userId, .. await db.Users.Where(user => user.MergedIntoId == userId).Select(user => user.Id).ToListAsync(cancellationToken)];
        await db.Database.ExecuteSqlAsync(
            $"UPDATE audit_entries SET ip_address = NULL, user_agent = NULL WHERE (user_id = ANY ({ids}) OR actor_id = ANY ({ids}) OR impersonator_id = ANY ({ids})) AND (ip_address IS NOT NULL OR user_agent IS NOT NULL)",
            cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"UPDATE sessions SET ip_address = NULL, user_agent = NULL WHERE user_id = ANY ({ids}) OR actor_id = ANY ({ids})", cancellationToken);
    }
}
