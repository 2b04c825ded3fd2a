using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Impersonation;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.EntityFrameworkCore.Models;

namespace BotGeneric.Identity.Sessions;

/// <summary>
/// Sessions of applications that somebody allowed with a code that the application showed. There is one for each authorization that the token server gave, and it ends with
/// that: nothing is listed as signed in that has no tokens.
/// </summary>
internal sealed class DeviceSessions(
    IdentityDbContext db, SessionService sessions, AuditTrail audit, IOptions<UserSessionOptions> options, TimeProvider time)
{
    private const int BatchSize = 200;

    /// <summary>
    /// Begins the session of an application: it is listed and ended like that of a browser. When the application comes twice for the same, it is the same session. Needs a
    /// transaction, in which the caller has locked the person and saves.
    /// </summary>
    /// <param name="context">The application's request.</param>
    /// <param name="userId">The person.</param>
    /// <param name="clientId">The application.</param>
    /// <param name="authorizationId">What its tokens follow from; null: nobody knows, as of very old ones.</param>
    /// <param name="authenticatedAt">When the person showed a credential, UTC.</param>
    /// <param name="methods">What was shown, as <c>amr</c> values.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The session; null when it was ended, or what it stands on was taken back.</returns>
    public async Task<UserSession?> BeginAsync(
        HttpContext context, Guid userId, string clientId, Guid? authorizationId, DateTimeOffset authenticatedAt, IReadOnlyCollection<string> methods,
        CancellationToken cancellationToken)
    {
        // The consent that was given on the page for the code. Whoever takes it back, or removes the application, waits until the session is there, and then ends it too.
        var (subject, kind, standing) = (userId.ToString(), OpenIddictConstants.AuthorizationTypes.Permanent, OpenIddictConstants.Statuses.Valid);
        var consents = await db.Database.SqlQuery<Guid>(
            $"""
            SELECT consent.id AS "Value" FROM authorizations consent JOIN clients client ON client.id = consent.application_id
            WHERE consent.subject = {subject} AND client.client_id = {clientId} AND consent.type = {kind} AND consent.status = {standing}
            ORDER BY consent.id DESC LIMIT 1 FOR SHARE OF consent
            """).ToListAsync(cancellationToken);
        if (consents.Count == 0)
        {
            return null;
        }

        if (authorizationId is { } id && await db.Sessions.SingleOrDefaultAsync(session => session.AuthorizationId == id, cancellationToken) is { } begun)
        {
            return begun.RevokedAt is null ? begun : null;
        }

        var session = UserSession.OfDevice(
            userId, clientId, authorizationId, authenticatedAt, methods, time.GetUtcNow(), options.Value.Device, context.Connection.RemoteIpAddress?.ToString(),
            context.Request.Headers.UserAgent.ToString());
        db.Sessions.Add(session);
        audit.Add(
            AuditActions.SignedIn, userId, target: session.Id.ToString(), actorId: userId,
            details: new Dictionary<string, string?> { ["methods"] = string.Join(' ', session.Methods), ["client"] = clientId });
        return session;
    }

    /// <summary>Ends what an application does for a person after a device code. Adds to the changes of the caller, who saves.</summary>
    /// <param name="userId">The person.</param>
    /// <param name="clientId">The application.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task EndAsync(Guid userId, string clientId, CancellationToken cancellationToken) =>
        EndAsync(db.Sessions.Where(session => session.UserId == userId && session.ClientId == clientId), userId, cancellationToken);

    /// <summary>
    /// Ends what an application does for everybody, as far as one request can: <see cref="EndOfMissingApplicationsAsync"/> ends the others. None of them gets another token
    /// when the application is gone. Adds to the changes of the caller, who saves.
    /// </summary>
    /// <param name="clientId">The application.</param>
    /// <param name="actorId">The admin who removes it; null: nobody.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task EndAllAsync(string clientId, Guid? actorId, CancellationToken cancellationToken) =>
        EndAsync(Some(db.Sessions.Where(session => session.ClientId == clientId)), actorId, cancellationToken);

    /// <summary>Ends the session, if there is one, whose tokens follow from an authorization that was taken back. Adds to the changes of the caller, who saves.</summary>
    /// <param name="authorizationId">The authorization.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task EndAsync(Guid authorizationId, CancellationToken cancellationToken) =>
        EndAsync(db.Sessions.Where(session => session.AuthorizationId == authorizationId), null, cancellationToken);

    /// <summary>Ends sessions of applications that there are no more, some at a time: everybody who writes to the audit log waits for a save. Saves.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task EndOfMissingApplicationsAsync(CancellationToken cancellationToken)
    {
        var clients = db.Set<OpenIddictEntityFrameworkCoreApplication<Guid>>();
        var missing = db.Sessions.Where(session => session.ClientId != null && !clients.Any(client => client.ClientId == session.ClientId));
        while (await EndAsync(Some(missing), null, cancellationToken) > 0)
        {
            await db.SaveChangesAsync(cancellationToken);
            db.ChangeTracker.Clear();
        }
    }

    // As many as are ended in one transaction.
    private static IQueryable<UserSession> Some(IQueryable<UserSession> chosen) =>
        chosen.Where(session => session.RevokedAt == null).OrderBy(session => session.Id).Take(BatchSize);

    private async Task<int> EndAsync(IQueryable<UserSession> chosen, Guid? actorId, CancellationToken cancellationToken)
    {
        var ended = await chosen.Where(session => session.RevokedAt == null).ToListAsync(cancellationToken);
        foreach (var session in ended)
        {
            sessions.End(session, ImpersonationEnds.Revoked, actorId);
        }

        return ended.Count;
    }
}
