using System.ComponentModel;
using System.Security.Claims;
using BotGeneric.Identity.Access;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Data;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Identity.Administration;

/// <summary>People, as those who run the system see and manage them.</summary>
public static class AdminUsersApi
{
    /// <summary>Maps <c>/api/admin/users</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapAdminUsersApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/admin/users").WithTags("Users").RequireAuthorization(ApiPolicies.Admin);
        group.MapGet("/", ListAsync).WithSummary("Search people");
        group.MapGet("/{id:guid}", FindAsync).WithSummary("See a person");
        group.MapGet("/{id:guid}/activity", ActivityAsync).WithSummary("See what a person did and what was done to them");

        var dangerous = group.MapGroup(string.Empty).RequireAuthorization(ApiPolicies.StepUp);
        dangerous.MapPost("/{id:guid}/lock", LockAsync).WithSummary("Lock an account");
        dangerous.MapPost("/{id:guid}/unlock", UnlockAsync).WithSummary("Unlock an account");
        dangerous.MapPut("/{id:guid}/roles", SetRolesAsync).WithSummary("Set a person's roles");
        dangerous.MapPost("/{id:guid}/sessions/revoke", RevokeSessionsAsync).WithSummary("Sign a person out everywhere");
    }

    /// <summary>People, newest first.</summary>
    internal static async Task<Results<Ok<Page<UserSummary>>, ProblemHttpResult>> ListAsync(
        UserDirectory directory,
        CancellationToken cancellationToken,
        [Description("The beginning of an e-mail address, a part of a name, an id, or a Telegram id or name.")] string? search = null,
        [Description("active, locked, deleting, deleted or merged.")] string? state = null,
        [Description("Only people with this role, such as admin.")] string? role = null,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<Organizations.IdPosition>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        return UserDirectory.IsState(state)
            ? TypedResults.Ok(await directory.SearchAsync(search, state, role, request.After?.Id, request.Size, cancellationToken))
            : ServiceDefaults.Problems.ApiProblems.Invalid("state", AdministrationTexts.Get("refusal.state-unknown"));
    }

    /// <summary>A person with links, sessions, organizations, keys (without secrets) and second factors.</summary>
    internal static async Task<Results<Ok<UserDetail>, ProblemHttpResult>> FindAsync(
        [Description("The person.")] Guid id, HttpContext context, UserDirectory directory, CancellationToken cancellationToken) =>
        await directory.FindAsync(id, cancellationToken) is { } found
            ? TypedResults.Ok(found)
            : Refusal.NotFound("user-not-found").Problem(AdministrationTexts.Get, context);

    /// <summary>Entries of the audit log by the person and about the person, newest first.</summary>
    internal static async Task<Results<Ok<Page<AuditEntryDetail>>, ProblemHttpResult>> ActivityAsync(
        [Description("The person.")] Guid id,
        IdentityDbContext db,
        CancellationToken cancellationToken,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<AuditPosition>.Read(cursor, limit);
        return request.Problem is { } problem
            ? problem
            : TypedResults.Ok(await new AuditFilter(Involved: id).PageAsync(db, request.After?.Sequence, request.Size, cancellationToken));
    }

    /// <summary>
    /// Locks an account: the next request of the person is refused, with whatever credential. Sessions and keys end for good. The last admin and
    /// oneself cannot be locked (409).
    /// </summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> LockAsync(
        [Description("The person.")] Guid id, [FromBody] LockRequest body, ClaimsPrincipal user, HttpContext context, UserAdministration administration,
        CancellationToken cancellationToken) =>
        Answer(await administration.LockAsync(user.PersonId(), id, body.Reason, cancellationToken), context);

    /// <summary>Unlocks an account. The person signs in again; keys are created anew.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> UnlockAsync(
        [Description("The person.")] Guid id, ClaimsPrincipal user, HttpContext context, UserAdministration administration,
        CancellationToken cancellationToken) =>
        Answer(await administration.UnlockAsync(user.PersonId(), id, cancellationToken), context);

    /// <summary>Gives a person exactly these roles. Who loses one is signed out everywhere. The last admin stays one (409).</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> SetRolesAsync(
        [Description("The person.")] Guid id, [FromBody] RolesRequest body, ClaimsPrincipal user, HttpContext context, UserAdministration administration,
        CancellationToken cancellationToken) =>
        Answer(await administration.SetRolesAsync(user.PersonId(), id, body.Roles, cancellationToken), context);

    /// <summary>Ends every session of a person, and what was issued without one. Keys go on working.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> RevokeSessionsAsync(
        [Description("The person.")] Guid id, HttpContext context, UserAdministration administration, CancellationToken cancellationToken) =>
        Answer(await administration.RevokeSessionsAsync(id, cancellationToken), context);

    private static Results<NoContent, ProblemHttpResult> Answer(Outcome<User> outcome, HttpContext context) =>
        outcome.IsDone ? TypedResults.NoContent() : outcome.Refusal.Problem(AdministrationTexts.Get, context);
}

/// <summary>Why an account is locked.</summary>
/// <param name="Reason">1 to 500 characters, for other admins.</param>
public sealed record LockRequest(string Reason);

/// <summary>The roles that a person is to have.</summary>
/// <param name="Roles">Empty, or <c>admin</c>.</param>
public sealed record RolesRequest(IReadOnlyList<string> Roles);
