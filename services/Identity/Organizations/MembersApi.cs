using System.ComponentModel;
using System.Security.Claims;
using BotGeneric.Identity.Access;
using BotGeneric.Identity.Domain;
using BotGeneric.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Identity.Organizations;

/// <summary>The members of an organization.</summary>
internal static class MembersApi
{
    internal static void Map(IEndpointRouteBuilder read, IEndpointRouteBuilder write)
    {
        read.MapGet("/{id:guid}/members", ListAsync).WithSummary("List members");
        write.MapPatch("/{id:guid}/members/{userId:guid}", ChangeRoleAsync).WithSummary("Give a member another role");
        write.MapDelete("/{id:guid}/members/{userId:guid}", RemoveAsync).WithSummary("Remove a member");
    }

    /// <summary>The members, longest first. Not for the role <c>billing</c>. Addresses are shown to those who manage members.</summary>
    internal static async Task<Results<Ok<Page<MemberDetail>>, ProblemHttpResult>> ListAsync(
        [Description("The organization.")] Guid id,
        ClaimsPrincipal user,
        HttpContext context,
        OrganizationDirectory directory,
        CancellationToken cancellationToken,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<MemberPosition>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        var members = await directory.MembersAsync(id, user.PersonId()!.Value, request.After, request.Size, cancellationToken);
        return members.IsDone ? TypedResults.Ok(members.Value) : members.Refusal.Problem(OrganizationTexts.Get, context);
    }

    /// <summary>Gives a member another role: <c>admin</c>, <c>member</c> or <c>billing</c>. The owner's never changes this way (409).</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> ChangeRoleAsync(
        [Description("The organization.")] Guid id, [Description("The member.")] Guid userId, [FromBody] MemberRole body, ClaimsPrincipal user,
        HttpContext context, MembershipService memberships, CancellationToken cancellationToken) =>
        Answer(await memberships.ChangeRoleAsync(id, user.PersonId()!.Value, userId, body.Role, cancellationToken), id, userId, user, context);

    /// <summary>Removes a member. The keys with which the member acted in the organization's name end; oneself: leaves.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        [Description("The organization.")] Guid id, [Description("The member.")] Guid userId, ClaimsPrincipal user, HttpContext context,
        MembershipService memberships, CancellationToken cancellationToken) =>
        Answer(await memberships.RemoveAsync(id, user.PersonId()!.Value, userId, cancellationToken), id, userId, user, context);

    private static Results<NoContent, ProblemHttpResult> Answer(
        Outcome<Membership> outcome, Guid organizationId, Guid userId, ClaimsPrincipal user, HttpContext context) =>
        userId == user.PersonId() ? OrganizationsApi.NoContentAnew(outcome, organizationId, user, context) : OrganizationsApi.NoContent(outcome, context);
}

/// <summary>A member's role.</summary>
/// <param name="Role"><c>admin</c>, <c>member</c> or <c>billing</c>.</param>
public sealed record MemberRole(string Role);
