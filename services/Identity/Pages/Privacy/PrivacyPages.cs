using System.Net.Mime;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Accounts.Privacy;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Pages.Shared;
using BotGeneric.WebUi.Forms;
using BotGeneric.WebUi.Http;
using BotGeneric.WebUi.Localization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Pages.Privacy;

/// <summary><c>/account/privacy</c>: a copy of one's data, and deletion.</summary>
internal static class PrivacyPages
{
    private const string Path = "/account/privacy";

    public static void MapPrivacyPages(this RouteGroupBuilder pages)
    {
        var group = pages.MapSignedIn();
        group.MapGet(Path, ShowAsync);
        group.MapPost($"{Path}/export", ExportAsync).RequireFresh(Path);
        group.MapPost($"{Path}/delete", DeleteAsync).RequireFresh(Path);
        group.MapGet(SignInFlow.KeepPath, ShowKeepAsync);
        group.MapPost(SignInFlow.KeepPath, KeepAsync);
    }

    private static async Task<RazorComponentResult> ShowAsync(
        DeletionService deletion, IOptions<AccountOptions> options, HttpContext context, CancellationToken cancellationToken, string? notice = null) =>
        await PageAsync(deletion, options, context, null, notice == "kept" ? PrivacyTexts.Get("kept") : null, cancellationToken);

    private static async Task<PushStreamHttpResult> ExportAsync(
        DataExport export, AuditTrail audit, IdentityDbContext db, HttpContext context, CancellationToken cancellationToken)
    {
        var user = (await context.SignedInAsync()).User;
        audit.Add(AuditActions.DataExported, user.Id, actorId: user.Id);
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Stream(
            output => export.WriteAsync(user, output, context.RequestAborted), MediaTypeNames.Application.Json, "bot-generic-account.json");
    }

    private static async Task<PageResult> DeleteAsync(
        [FromForm] string? confirmation, DeletionService deletion, IOptions<AccountOptions> options, HttpContext context, CancellationToken cancellationToken)
    {
        if (!string.Equals(confirmation?.Trim(), PrivacyTexts.Get("delete.word"), StringComparison.OrdinalIgnoreCase))
        {
            return await PageAsync(deletion, options, context, PrivacyTexts.Get("delete.wrong"), null, cancellationToken);
        }

        // What stands in the way is told on the page.
        return await deletion.RequestAsync((await context.SignedInAsync()).User, cancellationToken) is null
            ? await PageAsync(deletion, options, context, PrivacyTexts.Get("delete.hindered"), null, cancellationToken)
            : TypedResults.LocalRedirect(Path);
    }

    private static async Task<PageResult> ShowKeepAsync(
        DeletionService deletion, HttpContext context, CancellationToken cancellationToken, string? returnUrl = null) =>
        await deletion.FindAsync((await context.SignedInAsync()).User.Id, cancellationToken) is { } erasure
            ? PageEndpoints.Page<KeepPage, KeepModel>(new KeepModel(Day(context, erasure), ReturnAddress.OrElse(returnUrl)))
            : TypedResults.LocalRedirect(ReturnAddress.OrElse(returnUrl));

    private static async Task<PageResult> KeepAsync(
        [FromForm] string? returnUrl, DeletionService deletion, HttpContext context, CancellationToken cancellationToken) =>
        await deletion.CancelAsync((await context.SignedInAsync()).User, cancellationToken)
            ? TypedResults.LocalRedirect(ReturnAddress.OrElse(returnUrl) == Path ? $"{Path}?notice=kept" : ReturnAddress.OrElse(returnUrl))
            : Messages.Page(PrivacyTexts.Get("keep"), PrivacyTexts.Get("keep.too-late"), NoticeKind.Error, StatusCodes.Status409Conflict);

    private static async Task<RazorComponentResult> PageAsync(
        DeletionService deletion, IOptions<AccountOptions> options, HttpContext context, string? error, string? notice, CancellationToken cancellationToken)
    {
        var user = (await context.SignedInAsync()).User;
        var erasure = await deletion.FindAsync(user.Id, cancellationToken);
        return PageEndpoints.Page<PrivacyPage, PrivacyModel>(
            new PrivacyModel(
                erasure is null ? null : Day(context, erasure), (int)options.Value.DeletionGrace.TotalDays,
                await deletion.HindrancesAsync(user.Id, cancellationToken), await deletion.IsLastAdminAsync(user, cancellationToken), error, notice),
            error is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    private static string Day(HttpContext context, Erasure erasure) => PageTime.Write(context, erasure.DueAt, PageTime.LongDay);
}
