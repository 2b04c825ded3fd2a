using System.ComponentModel;
using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.Access;
using BotGeneric.Identity.Sessions;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.ServiceDefaults.Idempotency;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Identity.Organizations;

/// <summary>Organizations, as their members see and manage them. One that the caller is no member of is 404.</summary>
public static class OrganizationsApi
{
    /// <summary>Maps <c>/api/organizations</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapOrganizationsApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/organizations").WithTags("Organizations").RequirePerson();
        var read = group.MapGroup(string.Empty).RequireScope(ApiScopes.OrganizationsRead);
        read.MapGet("/", ListAsync).WithSummary("List one's organizations");
        read.MapGet("/{id:guid}", FindAsync).WithSummary("See an organization");

        var write = group.MapGroup(string.Empty).RequireScope(ApiScopes.OrganizationsWrite);
        write.MapPost("/", CreateAsync).WithIdempotencyKey().WithSummary("Create an organization");
        write.MapPatch("/{id:guid}", RenameAsync).WithSummary("Rename an organization");
        write.MapDelete("/{id:guid}", CloseAsync).RequireFreshSession().WithSummary("Close an organization");
        write.MapPost("/{id:guid}/leave", LeaveAsync).WithSummary("Leave an organization");
        write.MapPost("/{id:guid}/transfer", TransferAsync).RequireFreshSession().WithSummary("Hand an organization over");
        write.MapPost("/{id:guid}/select", SelectAsync).AllowWhileImpersonating().WithSummary("Act in an organization's name");
        write.MapPost("/personal/select", SelectPersonalAsync).AllowWhileImpersonating().WithSummary("Act in one's own name");
        MembersApi.Map(read, write);
        InvitationsApi.Map(read, write);
    }

    /// <summary>The caller's organizations, oldest first.</summary>
    internal static async Task<Results<Ok<Page<OrganizationDetail>>, ProblemHttpResult>> ListAsync(
        ClaimsPrincipal user,
        OrganizationDirectory directory,
        CancellationToken cancellationToken,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<IdPosition>.Read(cursor, limit);
        return request.Problem is { } problem
            ? problem
            : TypedResults.Ok(await directory.PageAsync(user.PersonId()!.Value, user.SessionId(), request.After?.Id, request.Size, cancellationToken));
    }

    /// <summary>An organization of the caller.</summary>
    internal static async Task<Results<Ok<OrganizationDetail>, ProblemHttpResult>> FindAsync(
        [Description("The organization.")] Guid id, ClaimsPrincipal user, HttpContext context, OrganizationDirectory directory, CancellationToken cancellationToken)
    {
        var found = await directory.FindAsync(id, user.PersonId()!.Value, user.SessionId(), cancellationToken);
        return found.IsDone ? TypedResults.Ok(found.Value) : found.Refusal.Problem(OrganizationTexts.Get, context);
    }

    /// <summary>Creates an organization. Its owner is the caller. A person may own a limited number of them: 409 beyond.</summary>
    internal static async Task<Results<Created<OrganizationDetail>, ProblemHttpResult>> CreateAsync(
        [FromBody] OrganizationName body, ClaimsPrincipal user, HttpContext context, OrganizationLifecycle lifecycle, OrganizationDirectory directory,
        CancellationToken cancellationToken)
    {
        var userId = user.PersonId()!.Value;
        var created = await lifecycle.CreateAsync(userId, body.Name, cancellationToken);
        if (!created.IsDone)
        {
            return created.Refusal.Problem(OrganizationTexts.Get, context);
        }

        var detail = await directory.FindAsync(created.Value.Id, userId, user.SessionId(), cancellationToken);
        return TypedResults.Created($"/api/organizations/{created.Value.Id}", detail.Value!);
    }

    /// <summary>Calls an organization something else. For its owner and admins.</summary>
    internal static async Task<Results<Ok<OrganizationDetail>, ProblemHttpResult>> RenameAsync(
        [Description("The organization.")] Guid id, [FromBody] OrganizationName body, ClaimsPrincipal user, HttpContext context,
        OrganizationLifecycle lifecycle, OrganizationDirectory directory, CancellationToken cancellationToken)
    {
        var userId = user.PersonId()!.Value;
        var renamed = await lifecycle.RenameAsync(id, userId, body.Name, cancellationToken);
        return renamed.IsDone
            ? TypedResults.Ok((await directory.FindAsync(id, userId, user.SessionId(), cancellationToken)).Value!)
            : renamed.Refusal.Problem(OrganizationTexts.Get, context);
    }

    /// <summary>
    /// Closes an organization for good: memberships, invitations and keys end. For its owner, who must have confirmed the sign-in a moment ago (401
    /// with <c>insufficient_user_authentication</c> otherwise).
    /// </summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> CloseAsync(
        [Description("The organization.")] Guid id, ClaimsPrincipal user, HttpContext context, OrganizationLifecycle lifecycle, CancellationToken cancellationToken) =>
        NoContentAnew(await lifecycle.CloseAsync(id, user.PersonId()!.Value, cancellationToken), user, context);

    /// <summary>Leaves an organization. Its owner hands it over first: 409 otherwise.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> LeaveAsync(
        [Description("The organization.")] Guid id, ClaimsPrincipal user, HttpContext context, MembershipService memberships, CancellationToken cancellationToken) =>
        NoContentAnew(await memberships.LeaveAsync(id, user.PersonId()!.Value, cancellationToken), user, context);

    /// <summary>
    /// Hands an organization over to another member; the owner before becomes an admin. Demands a sign-in that was confirmed a moment ago.
    /// </summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> TransferAsync(
        [Description("The organization.")] Guid id, [FromBody] NewOwner body, ClaimsPrincipal user, HttpContext context,
        MembershipService memberships, CancellationToken cancellationToken) =>
        NoContentAnew(await memberships.TransferAsync(id, user.PersonId()!.Value, body.UserId, cancellationToken), user, context);

    /// <summary>
    /// Acts in an organization's name from now on, in the session of the token. A browser's session at the gateway follows before this answers: its next request is made in
    /// the organization's name. 503: the choice is made and the session does not follow yet; repeat it. A token that an application holds itself keeps what it says until it is
    /// refreshed. A token without a session, such as a key's, is 409.
    /// </summary>
    internal static async Task<Results<Ok<ActiveOrganizationDetail>, ProblemHttpResult>> SelectAsync(
        [Description("The organization.")] Guid id, ClaimsPrincipal user, HttpContext context, OrganizationLifecycle lifecycle, CancellationToken cancellationToken) =>
        await ActForAsync(id, user, context, lifecycle, cancellationToken);

    /// <summary>Acts in one's own name from now on, in the session of the token.</summary>
    internal static async Task<Results<Ok<ActiveOrganizationDetail>, ProblemHttpResult>> SelectPersonalAsync(
        ClaimsPrincipal user, HttpContext context, OrganizationLifecycle lifecycle, CancellationToken cancellationToken) =>
        await ActForAsync(null, user, context, lifecycle, cancellationToken);

    internal static Results<NoContent, ProblemHttpResult> NoContent<T>(Outcome<T> outcome, HttpContext context)
        where T : class =>
        outcome.IsDone ? TypedResults.NoContent() : outcome.Refusal.Problem(OrganizationTexts.Get, context);

    private static async Task<Results<Ok<ActiveOrganizationDetail>, ProblemHttpResult>> ActForAsync(
        Guid? id, ClaimsPrincipal user, HttpContext context, OrganizationLifecycle lifecycle, CancellationToken cancellationToken)
    {
        var selected = await lifecycle.SelectAsync(user.PersonId()!.Value, user.SessionId(), id, cancellationToken);
        if (!selected.IsDone)
        {
            return selected.Refusal.Problem(OrganizationTexts.Get, context);
        }

        context.TellSessionChanged(user.SessionId());
        return TypedResults.Ok(selected.Value);
    }

    // The caller's own place in the organization is another one, or none: so the tokens of a session that acts in its name say something else.
    private static Results<NoContent, ProblemHttpResult> NoContentAnew<T>(Outcome<T> outcome, ClaimsPrincipal user, HttpContext context)
        where T : class
    {
        if (outcome.IsDone)
        {
            context.TellSessionChanged(user.SessionId());
        }

        return NoContent(outcome, context);
    }
}

/// <summary>What an organization is to be called.</summary>
/// <param name="Name">1 to 100 characters on one line.</param>
public sealed record OrganizationName(string Name);

/// <summary>Who is to own an organization.</summary>
/// <param name="UserId">A member of it.</param>
public sealed record NewOwner(Guid UserId);
