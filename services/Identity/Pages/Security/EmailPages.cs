using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Accounts.Links;
using BotGeneric.Identity.Accounts.Recovery;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Pages.Shared;
using BotGeneric.WebUi.Forms;
using BotGeneric.WebUi.Http;
using BotGeneric.WebUi.Localization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Identity.Pages.Security;

/// <summary><c>/account/security/email</c> and the page that its link leads to.</summary>
internal static class EmailPages
{
    private const string Path = $"{SecurityPages.Path}/email";

    public static void MapEmailPages(this RouteGroupBuilder pages)
    {
        var group = pages.MapSignedIn();
        group.MapGet(Path, (Delegate)ShowAsync).RequireFresh(Path);
        group.MapPost(Path, RequestAsync).RequireFresh(Path);
        group.MapGet(EmailChange.ConfirmPath, ShowConfirmAsync);
        group.MapPost(EmailChange.ConfirmPath, ConfirmAsync);
    }

    private static async Task<RazorComponentResult> ShowAsync(HttpContext context) =>
        PageEndpoints.Page<EmailPage, EmailModel>(new EmailModel((await context.SignedInAsync()).User.Email));

    private static async Task<PageResult> RequestAsync(
        [FromForm] string? email, EmailChange change, HttpContext context, CancellationToken cancellationToken)
    {
        var current = await context.SignedInAsync();
        if (!EmailAddress.TryRead(email, out var address) || string.Equals(address, current.User.Email, StringComparison.OrdinalIgnoreCase))
        {
            return PageEndpoints.Page<EmailPage, EmailModel>(
                new EmailModel(current.User.Email, email, Messages.Get("email.invalid")), StatusCodes.Status422UnprocessableEntity);
        }

        await change.RequestAsync(current, address, PageLanguage.Current, cancellationToken);
        return TypedResults.LocalRedirect($"{SecurityPages.Path}?notice=email-sent");
    }

    private static async Task<RazorComponentResult> ShowConfirmAsync(
        OneTimeLinks links, HttpContext context, CancellationToken cancellationToken, string? token = null) =>
        await FindAsync(links, context, token, cancellationToken) is { } link
            ? PageEndpoints.Page<EmailConfirmPage, EmailConfirmModel>(new EmailConfirmModel(token!, link.Email!))
            : LinkRefused();

    private static async Task<PageResult> ConfirmAsync(
        [FromForm] string? token, OneTimeLinks links, EmailChange change, HttpContext context, CancellationToken cancellationToken) =>
        await FindAsync(links, context, token, cancellationToken) is { } link
        && await change.ConfirmAsync(link, (await context.SignedInAsync()).User, cancellationToken)
            ? TypedResults.LocalRedirect($"{SecurityPages.Path}?notice=email")
            : LinkRefused();

    // Only in a session of the person who asked: else somebody could make another's address a part of their own account by one click of the other.
    private static async Task<OneTimeLink?> FindAsync(OneTimeLinks links, HttpContext context, string? token, CancellationToken cancellationToken) =>
        await links.FindAsync(token, LinkPurpose.ChangeEmail, cancellationToken) is { } link
        && link.UserId == (await context.SignedInAsync()).User.Id
            ? link
            : null;

    private static RazorComponentResult LinkRefused() => Messages.Page(
        Messages.Get("link.title"), SecurityTexts.Get("email.link"), NoticeKind.Error, StatusCodes.Status410Gone,
        new PageLink(Path, SecurityTexts.Get("email.change")));
}
