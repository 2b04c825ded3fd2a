using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Impersonation;
using BotGeneric.Identity.Messaging;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Sessions;

/// <summary>Begins and ends sign-ins.</summary>
public sealed class SessionService(
    IdentityDbContext db, AuditTrail audit, IdentityEvents events, IOptions<UserSessionOptions> options, TimeProvider time)
{
    /// <summary>
    /// Signs a person in on the browser of the request, in a new session. A session that the browser had before ends, so that nobody who planted
    /// it goes on from there. Saves.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="user">The person, whose right to sign in the caller has checked, as read before the credential was checked.</param>
    /// <param name="methods">What was shown, as <c>amr</c> values.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The session; null when the person's password or address was changed, or the account locked, while this was under way.</returns>
    public async Task<UserSession?> StartAsync(HttpContext context, User user, IReadOnlyCollection<string> methods, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(user);
        var now = time.GetUtcNow();
        var before = await context.GetCurrentSessionAsync();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockUserAsync(user.Id, cancellationToken);
        // A credential is worth what it is worth now, not what it was when it was checked: a reset that came between ends this sign-in too.
        if (!await db.Users.AnyAsync(
            stored => stored.Id == user.Id && stored.SecurityStamp == user.SecurityStamp && stored.LockedAt == null && stored.DeletedAt == null,
            cancellationToken))
        {
            return null;
        }

        if (before is not null)
        {
            await SignOutAsync(before, cancellationToken);
        }

        var session = UserSession.Start(
            user.Id, methods, now, options.Value.Lifetime, context.Connection.RemoteIpAddress?.ToString(), context.Request.Headers.UserAgent.ToString());
        db.Sessions.Add(session);
        audit.Add(
            AuditActions.SignedIn, user.Id, target: session.Id.ToString(), actorId: user.Id,
            details: new Dictionary<string, string?> { ["methods"] = string.Join(' ', session.Methods) });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await context.NameAsync(new CurrentSession(user, session), now);
        return session;
    }

    /// <summary>Ends the session of a browser, and the admin's own behind it. Adds to the changes of the caller, who saves.</summary>
    /// <param name="current">Who is signed in.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task SignOutAsync(CurrentSession current, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(current);
        var by = (current.Actor ?? current).User.Id;
        End(current.Session, ImpersonationEnds.SignedOut, by);
        if (current.Actor is not null)
        {
            End(current.Actor.Session, ImpersonationEnds.SignedOut, by);
        }

        await EndImpersonationsAsync([(current.Actor ?? current).Session.Id], ImpersonationEnds.AdminSignedOut, by, cancellationToken);
    }

    /// <summary>Ends an impersonation, once, however many requests notice that it is over. Saves.</summary>
    /// <param name="impersonation">The session.</param>
    /// <param name="cause">One of <see cref="ImpersonationEnds"/>.</param>
    /// <param name="actorId">Who ends it; null: nobody, it is over.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task EndImpersonationAsync(UserSession impersonation, string cause, Guid? actorId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(impersonation);
        var now = time.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var ended = await db.Sessions.Where(session => session.Id == impersonation.Id && session.RevokedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(session => session.RevokedAt, now), cancellationToken);
        if (ended == 1)
        {
            End(impersonation, cause, actorId);
            await db.SaveChangesAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Ends what an admin does in somebody's name already. Adds to the changes of the caller, who saves.</summary>
    /// <param name="admin">The admin.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task EndImpersonationsOfAsync(CurrentSession admin, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(admin);
        return EndImpersonationsAsync([admin.Session.Id], ImpersonationEnds.Left, admin.User.Id, cancellationToken);
    }

    /// <summary>Notes the end of every impersonation whose time is over and to which nobody came back. Saves.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task EndExpiredImpersonationsAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var expired = await db.Sessions.AsNoTracking()
            .Where(session => session.ActorId != null && session.RevokedAt == null && session.ExpiresAt <= now).ToListAsync(cancellationToken);
        foreach (var session in expired)
        {
            await EndImpersonationAsync(session, ImpersonationEnds.Expired, null, cancellationToken);
        }
    }

    /// <summary>Notes that a person showed a credential again, or one more. Saves.</summary>
    /// <param name="current">Who.</param>
    /// <param name="methods">What was shown.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task ConfirmAsync(CurrentSession current, IReadOnlyCollection<string> methods, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(current);
        current.Session.Authenticated(methods, time.GetUtcNow());
        audit.Add(
            AuditActions.Confirmed, current.User.Id, target: current.Session.Id.ToString(), actorId: current.User.Id,
            details: new Dictionary<string, string?> { ["methods"] = string.Join(' ', methods) });
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Ends one session of a person. Adds to the changes of the caller, who saves.</summary>
    /// <param name="userId">The person: a session of somebody else is not found.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>False when the person has no such session that stands.</returns>
    public async Task<bool> RevokeAsync(Guid userId, Guid sessionId, CancellationToken cancellationToken)
    {
        var session = await db.Sessions.SingleOrDefaultAsync(
            candidate => candidate.Id == sessionId && candidate.UserId == userId && candidate.RevokedAt == null, cancellationToken);
        if (session is null)
        {
            return false;
        }

        End(session, ImpersonationEnds.Revoked, null);
        await EndImpersonationsAsync([session.Id], ImpersonationEnds.AdminSignedOut, null, cancellationToken);
        return true;
    }

    /// <summary>Ends every session of a person but one, browsers and devices alike. Saves.</summary>
    /// <param name="userId">The person.</param>
    /// <param name="except">The session that goes on; null: none.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>False when there is no such person.</returns>
    public async Task<bool> RevokeOthersAsync(Guid userId, Guid? except, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // What begins at this moment has begun, or begins afterwards and finds that what it stands on is over.
        await db.LockUserAsync(userId, cancellationToken);
        if (await db.Users.SingleOrDefaultAsync(candidate => candidate.Id == userId, cancellationToken) is not { } user)
        {
            return false;
        }

        await RevokeAllAsync(user, except, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>
    /// Ends all sessions of a person, or all but one. When all end, every token that was issued before ends too. Adds to the changes of the caller, who
    /// saves.
    /// </summary>
    /// <param name="user">The person.</param>
    /// <param name="except">The session that goes on; null: none.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>How many ended.</returns>
    public async Task<int> RevokeAllAsync(User user, Guid? except, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        var now = time.GetUtcNow();
        var sessions = await db.Sessions
            .Where(session => session.UserId == user.Id && session.RevokedAt == null && session.Id != except)
            .ToListAsync(cancellationToken);
        sessions.ForEach(session => session.Revoke(now));
        sessions.ForEach(session => NoteEnd(session, ImpersonationEnds.Revoked, null));
        await EndImpersonationsAsync(
            [.. sessions.Select(session => session.Id)], ImpersonationEnds.AdminSignedOut, null, cancellationToken);
        if (except is null)
        {
            user.RevokeTokens(now);
        }

        events.SessionsRevoked(user.Id, except is null ? null : [.. sessions.Select(session => session.Id)]);
        audit.Add(
            AuditActions.SessionsEnded, user.Id,
            details: new Dictionary<string, string?> { ["count"] = sessions.Count.ToString(System.Globalization.CultureInfo.InvariantCulture) });
        return sessions.Count;
    }

    // What an admin does in somebody's name ends with the session in which the admin is who they are.
    private async Task EndImpersonationsAsync(
        IReadOnlyCollection<Guid> adminSessions, string cause, Guid? actorId, CancellationToken cancellationToken)
    {
        var impersonations = await db.Sessions
            .Where(session => session.ActorSessionId != null && adminSessions.Contains(session.ActorSessionId.Value) && session.RevokedAt == null)
            .ToListAsync(cancellationToken);
        impersonations.ForEach(session => End(session, cause, actorId));
    }

    /// <summary>Ends a session, once. Adds to the changes of the caller, who saves.</summary>
    /// <param name="session">The session, tracked.</param>
    /// <param name="cause">One of <see cref="ImpersonationEnds"/>, of an impersonation.</param>
    /// <param name="actorId">Who ends it; null: the person, or nobody.</param>
    internal void End(UserSession session, string cause, Guid? actorId)
    {
        if (session.RevokedAt is not null)
        {
            return;
        }

        session.Revoke(time.GetUtcNow());
        events.SessionsRevoked(session.UserId, [session.Id]);
        if (session.IsImpersonation)
        {
            NoteEnd(session, cause, actorId);
        }
        else
        {
            audit.Add(AuditActions.SessionEnded, session.UserId, target: session.Id.ToString(), actorId: actorId);
        }
    }

    private void NoteEnd(UserSession session, string cause, Guid? actorId)
    {
        if (session.IsImpersonation)
        {
            audit.Add(
                AuditActions.ImpersonationEnded, session.UserId, target: session.Id.ToString(), actorId: actorId,
                details: new Dictionary<string, string?> { ["cause"] = cause, ["impersonator"] = session.ActorId.ToString() });
        }
    }
}
