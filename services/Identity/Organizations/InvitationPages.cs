using BotGeneric.Identity.Access;
using BotGeneric.Identity.Organizations.Pages;
using BotGeneric.Identity.Sessions;
using BotGeneric.WebUi.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Identity.Organizations;

/// <summary>The page that the link of an invitation opens. Opening it changes nothing: scanners of mail open links too.</summary>
internal static class InvitationPages
{
    internal static void MapInvitationPages(this IEndpointRouteBuilder app)
    {
        var pages = app.MapPageGroup().AllowAnonymous();
        pages.AddEndpointFilter(async (context, next) =>
        {
            // The address holds the secret; no other site shall learn it from a link on the page.
            context.HttpContext.Response.Headers["Referrer-Policy"] = "no-referrer";
            return await next(context);
        });
        pages.MapGet(InvitationService.AcceptPath, ShowAsync);
        pages.MapPost(InvitationService.AcceptPath, AcceptAsync);
        pages.MapPost("/account/invitations/decline", DeclineAsync);
    }

    private static async Task<RazorComponentResult> ShowAsync(HttpContext context, InvitationAnswers answers, string? token = null) =>
        await PageAsync(token, context, answers, null);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> AcceptAsync(
        [FromForm] string? token, HttpContext context, InvitationAnswers answers)
    {
        if (await context.GetCurrentSessionAsync() is not { } current)
        {
            return await PageAsync(token, context, answers, null);
        }

        var joined = await answers.AcceptAsync(token, current.User.Id, context.RequestAborted);
        return joined.IsDone
            ? TypedResults.LocalRedirect($"{OrganizationPages.Home}/{joined.Value.OrganizationId}?done=joined")
            : await PageAsync(token, context, answers, joined.Refusal);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> DeclineAsync(
        [FromForm] string? token, HttpContext context, InvitationAnswers answers)
    {
        if (await context.GetCurrentSessionAsync() is not { } current)
        {
            return await PageAsync(token, context, answers, null);
        }

        var declined = await answers.DeclineAsync(token, current.User.Id, context.RequestAborted);
        return declined.IsDone
            ? TypedResults.LocalRedirect($"{OrganizationPages.Home}?done=declined")
            : await PageAsync(token, context, answers, declined.Refusal);
    }

    private static async Task<RazorComponentResult> PageAsync(string? token, HttpContext context, InvitationAnswers answers, Refusal? refusal)
    {
        var found = await answers.FindAsync(token, context.RequestAborted);
        var current = await context.GetCurrentSessionAsync();
        var why = refusal ?? found.Refusal ?? (found.Value is { IsOpen: false } ? OrganizationRefusals.InvitationClosed : null);
        var isForAnother = found.Value is { IsOpen: true } && current is not null && why is null
            && !await answers.IsForAsync(token, current.User.Id, context.RequestAborted);
        return PageEndpoints.Page<InvitationPage, InvitationModel>(
            new InvitationModel(token ?? string.Empty, found.Value, current is not null, current?.User.Email, isForAnother, why),
            why?.Status ?? (isForAnother ? StatusCodes.Status403Forbidden : StatusCodes.Status200OK));
    }
}
