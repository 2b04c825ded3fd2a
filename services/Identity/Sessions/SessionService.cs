using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Messaging;
using Microsoft.AspNetCore.Authentication;
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
    /// <param name="user">The person, whose right to sign in the caller has checked.</param>
    /// <param name="methods">What was shown, as <c>amr</c> values.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The session.</returns>
    public async Task<UserSession> StartAsync(HttpContext context, User user, IReadOnlyCollection<string> methods, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(user);
        var now = time.GetUtcNow();
        if (await context.GetCurrentSessionAsync() is { } before)
        {
            before.Session.Revoke(now);
            events.SessionsRevoked(before.User.Id, [before.Session.Id]);
            audit.Add(AuditActions.SessionEnded, before.User.Id, target: before.Session.Id.ToString(), actorId: before.User.Id);
        }

        var session = UserSession.Start(
            user.Id, methods, now, options.Value.Lifetime, context.Connection.RemoteIpAddress?.ToString(), context.Request.Headers.UserAgent.ToString());
        db.Sessions.Add(session);
        audit.Add(
            AuditActions.SignedIn, user.Id, target: session.Id.ToString(), actorId: user.Id,
            details: new Dictionary<string, string?> { ["methods"] = string.Join(' ', session.Methods) });
        await db.SaveChangesAsync(cancellationToken);
        await context.SignInAsync(
            SessionCookie.Scheme,
            SessionCookie.PrincipalOf(session),
            new AuthenticationProperties { IsPersistent = true, IssuedUtc = now, ExpiresUtc = session.ExpiresAt });
        context.Remember(new CurrentSession(user, session));
        return session;
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

        session.Revoke(time.GetUtcNow());
        events.SessionsRevoked(userId, [session.Id]);
        audit.Add(AuditActions.SessionEnded, userId, target: session.Id.ToString());
        return true;
    }

    /// <summary>
    /// Ends all sessions of a person, or all but one. When all end, tokens that came without a session (a device, an application) end too. Adds to the
    /// changes of the caller, who saves.
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
}
