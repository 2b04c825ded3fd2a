using BotGeneric.Identity.Access;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Administration;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Sessions;
using BotGeneric.Identity.TokenServer;
using BotGeneric.ServiceDefaults.Authentication;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Impersonation;

/// <summary>Why an impersonation ended, as the audit log says it.</summary>
internal static class ImpersonationEnds
{
    /// <summary>The admin left it.</summary>
    public const string Left = "left";

    /// <summary>The admin signed out altogether.</summary>
    public const string SignedOut = "signed-out";

    /// <summary>The admin's own session ended.</summary>
    public const string AdminSignedOut = "admin-signed-out";

    /// <summary>The admin is no admin any more.</summary>
    public const string AdminNotAllowed = "admin-not-allowed";

    /// <summary>The person cannot be impersonated any more: locked, leaving, or an admin by now.</summary>
    public const string PersonNotAllowed = "person-not-allowed";

    /// <summary>The person, or an admin, ended it from elsewhere.</summary>
    public const string Revoked = "revoked";

    /// <summary>Its time is over.</summary>
    public const string Expired = "expired";
}

/// <summary>
/// Admins who act as somebody else in the browser. It is a session of the person that belongs to the admin's own: it stands as long as both people may and
/// the admin's session does.
/// </summary>
internal sealed class Impersonations(
    IdentityDbContext db, SessionService sessions, TokenPrincipals principals, AuditTrail audit, IOptions<UserSessionOptions> options, TimeProvider time)
{
    /// <summary>Whether an admin can act as a person, in the browser and by token exchange.</summary>
    /// <param name="adminId">The admin.</param>
    /// <param name="person">The person; null: there is none.</param>
    /// <returns>Null, or why not, as a short code.</returns>
    public static string? RefusalOf(Guid adminId, User? person) => person switch
    {
        null => "unknown",
        _ when person.Id == adminId => "self",
        { IsAdmin: true } => "admin",
        { MaySignIn: false } => "locked",
        { DeletionRequestedAt: not null } => "deleting",
        _ => null,
    };

    /// <summary>Whether somebody has the rights of an admin in their own session.</summary>
    /// <param name="current">Who is signed in.</param>
    public bool IsAdmin(CurrentSession current) =>
        current is { Actor: null, User.IsAdmin: true, Session.IsImpersonation: false } && principals.MayAdminister(Authentication.Of(current.Session));

    /// <summary>Whether somebody showed a second factor, where the operator demands one, recently enough for a dangerous act of admins.</summary>
    /// <param name="current">Who is signed in.</param>
    public bool IsFreshEnough(CurrentSession current) =>
        time.GetUtcNow() - principals.StepUpAt(Authentication.Of(current.Session)) <= ApiPolicies.StepUpMaximumAge;

    /// <summary>Where an admin shows what a dangerous act demands.</summary>
    /// <param name="returnUrl">Where to go afterwards.</param>
    public string Confirmation(string returnUrl) => AdminPages.Confirmation(returnUrl, principals.DemandsSecondFactor ? "mfa" : null);

    /// <summary>Begins to act as a person on the browser of the request. Every attempt is audited, also a refused one. Saves.</summary>
    /// <param name="context">The request.</param>
    /// <param name="admin">The admin.</param>
    /// <param name="userId">The person.</param>
    /// <param name="reason">Why; the audit log keeps it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<Outcome<UserSession>> StartAsync(
        HttpContext context, CurrentSession admin, Guid userId, string? reason, CancellationToken cancellationToken)
    {
        var why = reason?.Trim();
        if (why is not { Length: > 0 and <= UserAdministration.MaximumReason })
        {
            return Refusal.Invalid("reason", "reason-invalid", UserAdministration.MaximumReason);
        }

        var person = await db.Users.SingleOrDefaultAsync(user => user.Id == userId, cancellationToken);
        var refusal = IsAdmin(admin) && IsFreshEnough(admin) ? RefusalOf(admin.User.Id, person) : "rights";
        if (refusal is not null)
        {
            Note(admin, person, userId.ToString(), refusal, new() { ["reason"] = why });
            await db.SaveChangesAsync(cancellationToken);
            return person is null ? Refusal.NotFound("user-not-found") : Refusal.Conflict($"impersonate-{refusal}");
        }

        var now = time.GetUtcNow();
        var session = UserSession.Impersonate(
            userId, admin.Session, now, options.Value.Impersonation, context.Connection.RemoteIpAddress?.ToString(),
            context.Request.Headers.UserAgent.ToString());
        await sessions.EndImpersonationsOfAsync(admin, cancellationToken);
        db.Sessions.Add(session);
        Note(admin, person, session.Id.ToString(), AuditTrail.Success, new() { ["reason"] = why, ["until"] = session.ExpiresAt.ToString("O") });
        await db.SaveChangesAsync(cancellationToken);
        await context.NameAsync(new CurrentSession(person!, session, admin), now);
        return session;
    }

    /// <summary>Stops acting as a person: the browser goes on with the admin's own session. Saves.</summary>
    /// <param name="context">The request.</param>
    /// <param name="current">The person, with the admin behind.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task LeaveAsync(HttpContext context, CurrentSession current, CancellationToken cancellationToken)
    {
        var admin = current.Actor ?? throw new InvalidOperationException("Nobody acts as this person.");
        await sessions.EndImpersonationAsync(current.Session, ImpersonationEnds.Left, admin.User.Id, cancellationToken);
        await context.NameAsync(admin, time.GetUtcNow());
    }

    /// <summary>The admin's own sign-in behind an impersonation; null when it does not stand any more.</summary>
    /// <param name="impersonation">The session.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<CurrentSession?> AdminAsync(UserSession impersonation, CancellationToken cancellationToken)
    {
        var found = await db.Sessions
            .Join(db.Users, session => session.UserId, user => user.Id, (session, user) => new { session, user })
            .SingleOrDefaultAsync(
                pair => pair.session.Id == impersonation.ActorSessionId && pair.user.Id == impersonation.ActorId, cancellationToken);
        return found is not null && found.user.MaySignIn && found.session.IsAlive(time.GetUtcNow(), options.Value.Idle)
            ? new CurrentSession(found.user, found.session)
            : null;
    }

    /// <summary>Whether an impersonation is over.</summary>
    /// <param name="person">The person, and the session in which an admin acts.</param>
    /// <param name="admin">What <see cref="AdminAsync"/> found.</param>
    /// <returns>Null while it stands, else one of <see cref="ImpersonationEnds"/>.</returns>
    public string? EndOf(CurrentSession person, CurrentSession? admin) => person.Session switch
    {
        { RevokedAt: not null } => ImpersonationEnds.Revoked,
        var session when !session.IsAlive(time.GetUtcNow(), options.Value.Idle) => ImpersonationEnds.Expired,
        _ when admin is null => ImpersonationEnds.AdminSignedOut,
        _ when !IsAdmin(admin) => ImpersonationEnds.AdminNotAllowed,
        _ => RefusalOf(admin.User.Id, person.User) is null ? null : ImpersonationEnds.PersonNotAllowed,
    };

    private void Note(CurrentSession admin, User? person, string target, string outcome, Dictionary<string, string?> details) =>
        audit.Add(AuditActions.Impersonated, person?.Id, outcome, target: target, actorId: admin.User.Id, details: details);
}
