using System.ComponentModel;
using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.Access;
using BotGeneric.Identity.Accounts.SignIn;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Identity.Sessions;

/// <summary>The caller's sign-ins.</summary>
public static class SessionsApi
{
    /// <summary>Maps <c>/api/sessions</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapSessionsApi(this IEndpointRouteBuilder app)
    {
        var sessions = app.MapGroup("/api/sessions").WithTags("Sessions");
        sessions.MapGet(string.Empty, ListAsync).RequireScope(ApiScopes.UsersRead);
        var ending = sessions.MapGroup(string.Empty).RequireScope(ApiScopes.UsersWrite);
        ending.MapDelete("/{id:guid}", RevokeAsync);
        ending.MapDelete(string.Empty, RevokeOthersAsync);
    }

    /// <summary>The sign-ins that stand, browsers and devices, the last used first. One that is used while the list is read moves to its beginning.</summary>
    internal static async Task<Results<Ok<Page<SessionAnswer>>, ProblemHttpResult>> ListAsync(
        ClaimsPrincipal caller,
        SessionList list,
        CancellationToken cancellationToken,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<SessionPosition>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        if (caller.PersonId() is not { } userId)
        {
            return NoAccount();
        }

        var current = caller.SessionId();
        var sessions = await list.ReadAsync(userId, request.After, request.Size + 1, cancellationToken);
        var names = await list.ApplicationsAsync(sessions, cancellationToken);
        return TypedResults.Ok(Page<SessionAnswer>.From(
            [.. sessions.Select(session => Answer(session, current, names))], request.Size, session => new SessionPosition(session.LastSeenAt, session.Id)));
    }

    private static SessionAnswer Answer(UserSession session, Guid? current, IReadOnlyDictionary<string, string> names)
    {
        // Where the operator's staff sit is not the person's.
        var name = BrowserName.Of(session.IsImpersonation ? null : session.UserAgent);
        return new SessionAnswer(
            session.Id, name.Browser, name.System, name.IsMobile, session.IsImpersonation ? null : session.IpAddress, session.CreatedAt, session.LastSeenAt,
            session.ExpiresAt, session.Methods, session.Id == current, session.IsImpersonation,
            session.ClientId is { } clientId ? names[clientId] : null);
    }

    /// <summary>Ends one sign-in. Every token that came from it stops working.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(
        Guid id, ClaimsPrincipal caller, SessionService sessions, IdentityDbContext db, CancellationToken cancellationToken)
    {
        if (caller.PersonId() is not { } userId || !await sessions.RevokeAsync(userId, id, cancellationToken))
        {
            return ApiProblems.NotFound(AccessTexts.Get("session-missing"));
        }

        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>Ends every sign-in but the caller's own. A credential that belongs to no sign-in ends them all.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> RevokeOthersAsync(
        ClaimsPrincipal caller, SessionService sessions, CancellationToken cancellationToken) =>
        caller.PersonId() is { } userId && await sessions.RevokeOthersAsync(userId, caller.SessionId(), cancellationToken)
            ? TypedResults.NoContent()
            : NoAccount();

    private static ProblemHttpResult NoAccount() => ApiProblems.NotFound(AccessTexts.Get("account-missing"));
}

/// <summary>A sign-in.</summary>
/// <param name="Id">The session; <c>sid</c> in tokens.</param>
/// <param name="Browser">The browser, as far as it can be told.</param>
/// <param name="System">The operating system, as far as it can be told.</param>
/// <param name="IsMobile">Whether the device is one that is carried in a pocket.</param>
/// <param name="IpAddress">From where it was used last.</param>
/// <param name="CreatedAt">When it began, UTC.</param>
/// <param name="LastSeenAt">When it was used last, UTC, to the minute.</param>
/// <param name="ExpiresAt">When it ends, UTC.</param>
/// <param name="Methods">What was shown, as <c>amr</c> values of RFC 8176.</param>
/// <param name="IsCurrent">Whether the caller's credential came from it.</param>
/// <param name="IsStaff">Whether it is no sign-in of the caller's: somebody of the operator's staff acts in the caller's name.</param>
/// <param name="Application">The application that was signed in with a device code; null: a browser.</param>
public sealed record SessionAnswer(
    Guid Id, string? Browser, string? System, bool IsMobile, string? IpAddress, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt,
    DateTimeOffset ExpiresAt, IReadOnlyList<string> Methods, bool IsCurrent, bool IsStaff,
    string? Application = null);
