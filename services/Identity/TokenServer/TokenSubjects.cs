using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Impersonation;
using BotGeneric.Identity.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;

namespace BotGeneric.Identity.TokenServer;

/// <summary>
/// Whether what a token stands on still stands: the person may sign in, the session is alive, nothing was revoked since, the person is still a member of
/// the organization. One query, asked whenever a token is exchanged for another one.
/// </summary>
internal sealed class TokenSubjects(
    IdentityDbContext db, Impersonations impersonations, IOptions<UserSessionOptions> sessions, TimeProvider time)
{
    // Compiled once: a refresh asks it each time, and finding the compiled form of a query like this takes as long as sending it.
    private static readonly Func<IdentityDbContext, Guid, Guid, CancellationToken, Task<Standing?>> Query = EF.CompileAsyncQuery(
        (IdentityDbContext db, Guid userId, Guid sessionId, CancellationToken cancellationToken) => db.Users
            .Where(user => user.Id == userId)
            .Select(user => new Standing
            {
                User = user,
                Session = db.Sessions.FirstOrDefault(session => session.Id == sessionId && session.UserId == userId),
                Membership = db.Memberships.FirstOrDefault(membership => membership.UserId == userId && membership.Role != null
                    && membership.OrganizationId == db.Sessions.First(session => session.Id == sessionId && session.UserId == userId).OrganizationId
                    && db.Organizations.Any(organization => organization.Id == membership.OrganizationId && organization.ClosedAt == null)),
            })
            .SingleOrDefault());

    // A refresh is a use of the session; noting each would be a write for each.
    private static readonly TimeSpan TouchInterval = TimeSpan.FromHours(1);

    /// <summary>Who a token is of.</summary>
    /// <param name="token">The token, already validated.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The person as of now; null when the token is worth nothing any more.</returns>
    public async Task<TokenSubject?> FindAsync(ClaimsPrincipal token, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(token.GetClaim(OpenIddictConstants.Claims.Subject), out var userId))
        {
            return null;
        }

        var hasSession = Guid.TryParse(token.GetClaim("sid"), out var sessionId);
        var found = await Query(db, userId, sessionId, cancellationToken);
        if (found is null || !found.User.MaySignIn || (hasSession && !IsAlive(found.Session)) || WasRevoked(token, found.User.TokensRevokedAt, found.Session))
        {
            return null;
        }

        if (found.Session is { IsImpersonation: true } session && !await StandsAsync(session, found.User, cancellationToken))
        {
            return null;
        }

        if (!hasSession)
        {
            return new TokenSubject(found.User, null, Authentication.Of(token), null);
        }

        // The organization of the session is the one in whose name tokens are issued; whoever left it is told by a refused refresh.
        return found.Session!.OrganizationId is not null && found.Membership is null
            ? null
            : TokenSubject.Of(found.User, found.Session, found.Membership);
    }

    /// <summary>Whether a token of anybody still stands: a client's own always does.</summary>
    public async Task<bool> StandsAsync(ClaimsPrincipal token, CancellationToken cancellationToken) =>
        !Guid.TryParse(token.GetClaim(OpenIddictConstants.Claims.Subject), out _)
        || (token.HasClaim(ApiClaims.KeyId) ? await KeyStandsAsync(token, cancellationToken)
            : token.HasClaim(ApiClaims.Actor) ? await ActedStandsAsync(token, cancellationToken)
            : await FindAsync(token, cancellationToken) is not null);

    /// <summary>The membership in the organization of a session that is about to get tokens.</summary>
    public Task<Membership?> MembershipAsync(UserSession session, CancellationToken cancellationToken) => session.OrganizationId is { } organizationId
        ? MembershipAsync(session.UserId, organizationId, cancellationToken)
        : Task.FromResult<Membership?>(null);

    /// <summary>The membership of a person in an organization that is open; null: none.</summary>
    public Task<Membership?> MembershipAsync(Guid userId, Guid organizationId, CancellationToken cancellationToken) => db.Memberships
        .AsNoTracking()
        .FirstOrDefaultAsync(
            membership => membership.UserId == userId && membership.OrganizationId == organizationId && membership.Role != null
                && db.Organizations.Any(organization => organization.Id == organizationId && organization.ClosedAt == null),
            cancellationToken);

    /// <summary>Notes that the session of a subject was used, and by what. The caller's next save writes it, if anything is to be written.</summary>
    public void Touch(TokenSubject subject, Guid? authorizationId)
    {
        if (db.Sessions.Local.FirstOrDefault(session => session.Id == subject.SessionId) is not { } session)
        {
            return;
        }

        if (authorizationId is { } id)
        {
            // A device of before sessions knew it.
            session.FollowsFrom(id);
        }

        var now = time.GetUtcNow();
        if (now - session.LastSeenAt >= TouchInterval)
        {
            // Whoever refreshes is a server: its address and its name would hide the person's.
            session.Touch(now, session.IpAddress, session.UserAgent);
        }
    }

    private bool IsAlive(UserSession? session) => session?.IsAlive(time.GetUtcNow(), sessions.Value.Idle) == true;

    private async Task<bool> KeyStandsAsync(ClaimsPrincipal token, CancellationToken cancellationToken)
    {
        var keyId = token.GetClaim(ApiClaims.KeyId);
        var key = await db.ApiKeys.AsNoTracking().SingleOrDefaultAsync(candidate => candidate.KeyId == keyId, cancellationToken);
        return key?.IsAlive(time.GetUtcNow()) == true && await db.Users.AnyAsync(user => user.Id == key.UserId && user.LockedAt == null && user.DeletedAt == null, cancellationToken);
    }

    private async Task<bool> StandsAsync(UserSession impersonation, User person, CancellationToken cancellationToken) =>
        impersonations.EndOf(new CurrentSession(person, impersonation), await impersonations.AdminAsync(impersonation, cancellationToken)) is null;

    // The session of an impersonation is the admin's own when its token was exchanged, and one of the person's in the browser.
    private async Task<bool> ActedStandsAsync(ClaimsPrincipal token, CancellationToken cancellationToken)
    {
        var userId = Guid.Parse(token.GetClaim(OpenIddictConstants.Claims.Subject)!);
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == userId, cancellationToken) is not { MaySignIn: true } person)
        {
            return false;
        }

        if (!Guid.TryParse(token.GetClaim("sid"), out var sessionId))
        {
            return true;
        }

        var session = await db.Sessions.AsNoTracking().SingleOrDefaultAsync(session => session.Id == sessionId, cancellationToken);
        return IsAlive(session) && (!session!.IsImpersonation || await StandsAsync(session, person, cancellationToken));
    }

    // Tokens know when they were issued to the second. One of a session that began later is certainly newer.
    private static bool WasRevoked(ClaimsPrincipal token, DateTimeOffset? revokedAt, UserSession? session) =>
        revokedAt is { } at && !(session?.CreatedAt > at) && (token.GetCreationDate() ?? DateTimeOffset.MinValue) < at;

    private sealed class Standing
    {
        public required User User { get; init; }

        public UserSession? Session { get; init; }

        public Membership? Membership { get; init; }
    }
}
