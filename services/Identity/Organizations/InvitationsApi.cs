using System.ComponentModel;
using System.Security.Claims;
using BotGeneric.Identity.Access;
using BotGeneric.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Identity.Organizations;

/// <summary>Invitations to an organization, and the answers to them.</summary>
internal static class InvitationsApi
{
    internal static void Map(IEndpointRouteBuilder read, IEndpointRouteBuilder write)
    {
        read.MapGet("/{id:guid}/invitations", ListAsync).WithSummary("List invitations");
        write.MapPost("/{id:guid}/invitations", InviteAsync).WithSummary("Invite somebody");
        write.MapDelete("/{id:guid}/invitations/{invitationId:guid}", RevokeAsync).WithSummary("Take an invitation back");
        write.MapPost("/{id:guid}/invitations/{invitationId:guid}/resend", ResendAsync).WithSummary("Send an invitation again");
        write.MapPost("/invitations/accept", AcceptAsync).WithSummary("Accept an invitation");
        write.MapPost("/invitations/decline", DeclineAsync).WithSummary("Decline an invitation");
    }

    /// <summary>The invitations without an answer, newest first. For the owner and admins.</summary>
    internal static async Task<Results<Ok<Page<InvitationDetail>>, ProblemHttpResult>> ListAsync(
        [Description("The organization.")] Guid id,
        ClaimsPrincipal user,
        HttpContext context,
        OrganizationDirectory directory,
        CancellationToken cancellationToken,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<IdPosition>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        var invitations = await directory.InvitationsAsync(id, user.PersonId()!.Value, request.After?.Id, request.Size, cancellationToken);
        return invitations.IsDone ? TypedResults.Ok(invitations.Value) : invitations.Refusal.Problem(OrganizationTexts.Get, context);
    }

    /// <summary>
    /// Invites somebody by e-mail. The link works for a week and for the account whose verified address is the invited one. One open invitation
    /// for an address at a time (409); 429 when the organization sent too many within the hour.
    /// </summary>
    internal static async Task<Results<Created<InvitationDetail>, ProblemHttpResult>> InviteAsync(
        [Description("The organization.")] Guid id, [FromBody] NewInvitation body, ClaimsPrincipal user, HttpContext context,
        InvitationService invitations, TimeProvider time, CancellationToken cancellationToken)
    {
        var invited = await invitations.InviteAsync(id, user.PersonId()!.Value, body.Email, body.Role, cancellationToken);
        return invited.IsDone
            ? TypedResults.Created($"/api/organizations/{id}/invitations/{invited.Value.Id}", InvitationDetail.From(invited.Value, time.GetUtcNow()))
            : invited.Refusal.Problem(OrganizationTexts.Get, context);
    }

    /// <summary>Takes an invitation back; its link stops working.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(
        [Description("The organization.")] Guid id, [Description("The invitation.")] Guid invitationId, ClaimsPrincipal user, HttpContext context,
        InvitationService invitations, CancellationToken cancellationToken) =>
        OrganizationsApi.NoContent(await invitations.RevokeAsync(id, user.PersonId()!.Value, invitationId, cancellationToken), context);

    /// <summary>Sends an invitation again, with a new link and a new week; the old link stops working.</summary>
    internal static async Task<Results<Ok<InvitationDetail>, ProblemHttpResult>> ResendAsync(
        [Description("The organization.")] Guid id, [Description("The invitation.")] Guid invitationId, ClaimsPrincipal user, HttpContext context,
        InvitationService invitations, TimeProvider time, CancellationToken cancellationToken)
    {
        var sent = await invitations.ResendAsync(id, user.PersonId()!.Value, invitationId, cancellationToken);
        return sent.IsDone
            ? TypedResults.Ok(InvitationDetail.From(sent.Value, time.GetUtcNow()))
            : sent.Refusal.Problem(OrganizationTexts.Get, context);
    }

    /// <summary>
    /// Accepts the invitation whose link has the token. 403 when the caller's verified address is not the invited one; 409 when the invitation ran out,
    /// was taken back or answered.
    /// </summary>
    internal static async Task<Results<Ok<OrganizationDetail>, ProblemHttpResult>> AcceptAsync(
        [FromBody] InvitationToken body, ClaimsPrincipal user, HttpContext context, InvitationAnswers answers, OrganizationDirectory directory,
        CancellationToken cancellationToken)
    {
        var userId = user.PersonId()!.Value;
        var joined = await answers.AcceptAsync(body.Token, userId, cancellationToken);
        if (!joined.IsDone)
        {
            return joined.Refusal.Problem(OrganizationTexts.Get, context);
        }

        var organization = await directory.FindAsync(joined.Value.OrganizationId, userId, user.SessionId(), cancellationToken);
        return organization.IsDone ? TypedResults.Ok(organization.Value) : organization.Refusal.Problem(OrganizationTexts.Get, context);
    }

    /// <summary>Declines the invitation whose link has the token.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> DeclineAsync(
        [FromBody] InvitationToken body, ClaimsPrincipal user, HttpContext context, InvitationAnswers answers, CancellationToken cancellationToken) =>
        OrganizationsApi.NoContent(await answers.DeclineAsync(body.Token, user.PersonId()!.Value, cancellationToken), context);
}

/// <summary>Who is invited.</summary>
/// <param name="Email">The address.</param>
/// <param name="Role"><c>admin</c>, <c>member</c> or <c>billing</c>.</param>
public sealed record NewInvitation(string Email, string Role);

/// <summary>An invitation, by the secret of its link.</summary>
/// <param name="Token">The parameter <c>token</c> of the link.</param>
public sealed record InvitationToken(string Token);
