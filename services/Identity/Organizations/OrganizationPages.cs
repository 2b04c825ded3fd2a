using BotGeneric.Identity.Access;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Organizations.Pages;
using BotGeneric.Identity.Sessions;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.WebUi.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Organizations;

/// <summary>The pages on which people look after organizations.</summary>
public static class OrganizationPages
{
    internal const string Home = "/account/organizations";
    private const int Listed = 200;

    /// <summary>Maps <c>/account/organizations</c> and the answer to invitations.</summary>
    /// <param name="app">The service.</param>
    public static void MapOrganizationPages(this IEndpointRouteBuilder app)
    {
        var pages = app.MapPageGroup().RequireAuthorization(SessionCookie.SignedInPolicy);
        pages.MapGet(Home, ShowListAsync);
        pages.MapPost(Home, CreateAsync);
        pages.MapPost($"{Home}/select", SelectAsync).AllowWhileImpersonating();
        pages.MapGet($"{Home}/{{id:guid}}", ShowAsync);
        pages.MapPost($"{Home}/{{id:guid}}/rename", RenameAsync);
        pages.MapPost($"{Home}/{{id:guid}}/members/{{userId:guid}}/role", ChangeRoleAsync);
        pages.MapPost($"{Home}/{{id:guid}}/members/{{userId:guid}}/remove", RemoveAsync);
        pages.MapPost($"{Home}/{{id:guid}}/invitations", InviteAsync);
        pages.MapPost($"{Home}/{{id:guid}}/invitations/{{invitationId:guid}}/resend", ResendAsync);
        pages.MapPost($"{Home}/{{id:guid}}/invitations/{{invitationId:guid}}/revoke", RevokeAsync);
        pages.MapPost($"{Home}/{{id:guid}}/leave", LeaveAsync);
        pages.MapPost($"{Home}/{{id:guid}}/transfer", TransferAsync);
        pages.MapPost($"{Home}/{{id:guid}}/close", CloseAsync);
        app.MapInvitationPages();
    }

    private static async Task<RazorComponentResult> ShowListAsync(HttpContext context, OrganizationDirectory directory, string? done = null) =>
        await ListPageAsync(context, directory, done, null, null);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> CreateAsync(
        [FromForm] string? name, HttpContext context, OrganizationLifecycle lifecycle, OrganizationDirectory directory)
    {
        var current = (await context.GetCurrentSessionAsync())!;
        var created = await lifecycle.CreateAsync(current.User.Id, name, context.RequestAborted);
        return created.IsDone ? Go($"{Home}/{created.Value.Id}?done=created") : await ListPageAsync(context, directory, null, created.Refusal, name);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> SelectAsync(
        [FromForm] string? organization, [FromForm] string? returnUrl, HttpContext context, OrganizationLifecycle lifecycle, OrganizationDirectory directory)
    {
        var current = (await context.GetCurrentSessionAsync())!;
        Guid? id = Guid.TryParse(organization, out var chosen) ? chosen : null;
        if (id is null && organization != "personal")
        {
            return await ListPageAsync(context, directory, null, OrganizationRefusals.NotFound, null);
        }

        var selected = await lifecycle.SelectAsync(current.User.Id, current.Session.Id, id, context.RequestAborted);
        return selected.IsDone
            ? GoAnew(context, current, ReturnAddress.OrElse(returnUrl, $"{Home}?done=selected"))
            : await ListPageAsync(context, directory, null, selected.Refusal, null);
    }

    private static async Task<RazorComponentResult> ShowAsync(Guid id, HttpContext context, OrganizationDirectory directory, string? done = null) =>
        await DetailPageAsync(id, context, directory, done, null);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> RenameAsync(
        Guid id, [FromForm] string? name, HttpContext context, OrganizationLifecycle lifecycle, OrganizationDirectory directory) =>
        await AnswerAsync(id, "renamed", await lifecycle.RenameAsync(id, Person(context), name, context.RequestAborted), context, directory);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> ChangeRoleAsync(
        Guid id, Guid userId, [FromForm] string? role, HttpContext context, MembershipService memberships, OrganizationDirectory directory) =>
        await AnswerAsync(id, "role", await memberships.ChangeRoleAsync(id, Person(context), userId, role, context.RequestAborted), context, directory);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> RemoveAsync(
        Guid id, Guid userId, HttpContext context, MembershipService memberships, OrganizationDirectory directory) =>
        await AnswerAsync(id, "removed", await memberships.RemoveAsync(id, Person(context), userId, context.RequestAborted), context, directory);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> InviteAsync(
        Guid id, [FromForm] string? email, [FromForm] string? role, HttpContext context, InvitationService invitations, OrganizationDirectory directory) =>
        await AnswerAsync(
            id, "invited", await invitations.InviteAsync(id, Person(context), email, role, context.RequestAborted), context, directory, email);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> ResendAsync(
        Guid id, Guid invitationId, HttpContext context, InvitationService invitations, OrganizationDirectory directory) =>
        await AnswerAsync(id, "resent", await invitations.ResendAsync(id, Person(context), invitationId, context.RequestAborted), context, directory);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> RevokeAsync(
        Guid id, Guid invitationId, HttpContext context, InvitationService invitations, OrganizationDirectory directory) =>
        await AnswerAsync(id, "revoked", await invitations.RevokeAsync(id, Person(context), invitationId, context.RequestAborted), context, directory);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> LeaveAsync(
        Guid id, HttpContext context, MembershipService memberships, OrganizationDirectory directory)
    {
        var current = (await context.GetCurrentSessionAsync())!;
        var left = await memberships.LeaveAsync(id, current.User.Id, context.RequestAborted);
        return left.IsDone ? GoAnew(context, current, $"{Home}?done=left") : await DetailPageAsync(id, context, directory, null, left.Refusal);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> TransferAsync(
        Guid id, [FromForm] string? member, HttpContext context, MembershipService memberships, OrganizationDirectory directory,
        IOptions<UserSessionOptions> options, TimeProvider time)
    {
        var current = (await context.GetCurrentSessionAsync())!;
        if (current.ConfirmationNeeded(time, options.Value, $"{Home}/{id}") is { } confirmation)
        {
            return Go(confirmation);
        }

        var memberId = Guid.TryParse(member, out var chosen) ? chosen : Guid.Empty;
        var transferred = await memberships.TransferAsync(id, current.User.Id, memberId, context.RequestAborted);
        return transferred.IsDone
            ? GoAnew(context, current, $"{Home}/{id}?done=transferred")
            : await DetailPageAsync(id, context, directory, null, transferred.Refusal);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> CloseAsync(
        Guid id, [FromForm] string? name, HttpContext context, OrganizationLifecycle lifecycle, OrganizationDirectory directory,
        IOptions<UserSessionOptions> options, TimeProvider time)
    {
        var current = (await context.GetCurrentSessionAsync())!;
        if (current.ConfirmationNeeded(time, options.Value, $"{Home}/{id}") is { } confirmation)
        {
            return Go(confirmation);
        }

        var found = await directory.FindAsync(id, current.User.Id, current.Session.Id, context.RequestAborted);
        if (found.IsDone && found.Value.Name != name?.Trim())
        {
            return await DetailPageAsync(id, context, directory, null, Refusal.Invalid("close", "name-mismatch"));
        }

        var closed = await lifecycle.CloseAsync(id, current.User.Id, context.RequestAborted);
        return closed.IsDone ? GoAnew(context, current, $"{Home}?done=closed") : await DetailPageAsync(id, context, directory, null, closed.Refusal);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> AnswerAsync<T>(
        Guid id, string done, Outcome<T> outcome, HttpContext context, OrganizationDirectory directory, string? email = null)
        where T : class =>
        outcome.IsDone ? Go($"{Home}/{id}?done={done}") : await DetailPageAsync(id, context, directory, null, outcome.Refusal, email);

    private static async Task<RazorComponentResult> ListPageAsync(
        HttpContext context, OrganizationDirectory directory, string? done, Refusal? refusal, string? name)
    {
        var current = (await context.GetCurrentSessionAsync())!;
        var page = await directory.PageAsync(current.User.Id, current.Session.Id, null, Listed, context.RequestAborted);
        return PageEndpoints.Page<OrganizationsPage, OrganizationsModel>(
            new OrganizationsModel(page.Items, current.Session.OrganizationId, done, refusal, name), refusal?.Status ?? StatusCodes.Status200OK);
    }

    private static async Task<RazorComponentResult> DetailPageAsync(
        Guid id, HttpContext context, OrganizationDirectory directory, string? done, Refusal? refusal, string? email = null)
    {
        var current = (await context.GetCurrentSessionAsync())!;
        var found = await directory.FindAsync(id, current.User.Id, current.Session.Id, context.RequestAborted);
        if (!found.IsDone)
        {
            return await ListPageAsync(context, directory, null, found.Refusal, null);
        }

        var members = await directory.MembersAsync(id, current.User.Id, null, Listed, context.RequestAborted);
        var invitations = await directory.InvitationsAsync(id, current.User.Id, null, Listed, context.RequestAborted);
        return PageEndpoints.Page<OrganizationPage, OrganizationModel>(
            new OrganizationModel(found.Value, current.User.Id, members.Value?.Items, invitations.Value?.Items, done, refusal, email),
            refusal?.Status ?? StatusCodes.Status200OK);
    }

    private static Guid Person(HttpContext context) => context.User.PersonId()!.Value;

    private static RedirectHttpResult Go(string path) => TypedResults.LocalRedirect(path);

    // What the session's tokens say may be something else now.
    private static RedirectHttpResult GoAnew(HttpContext context, CurrentSession current, string path)
    {
        context.TellSessionChanged(current.Session.Id);
        return Go(path);
    }
}
