using BotGeneric.Identity.Domain;
using BotGeneric.Identity.External;
using BotGeneric.Identity.External.Api;
using BotGeneric.Identity.Merging.Pages;
using BotGeneric.Identity.Pages.Shared;
using BotGeneric.Identity.Sessions;
using BotGeneric.WebUi.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Merging;

/// <summary>
/// <c>/account/merge/{id}</c>: what a merge will do, asked of whoever proved both accounts. Nothing of the other account is shown before its second
/// factor, if it has one.
/// </summary>
internal static class MergePages
{
    private const string Path = "/account/merge";

    internal static string PathOf(Guid id) => $"{Path}/{id}";

    internal static void MapMergePages(this RouteGroupBuilder pages)
    {
        var merge = pages.MapSignedIn().MapGroup($"{Path}/{{id:guid}}");
        merge.MapGet(string.Empty, ShowAsync);
        merge.MapPost(string.Empty, MergeAsync);
        merge.MapPost("/code", ShowSecondFactorAsync);
        merge.MapPost("/decline", DeclineAsync);
    }

    internal static async Task<RazorComponentResult> ShowAsync(
        HttpContext context, Guid id, MergeIntents intents, MergePlans plans, CancellationToken cancellationToken) =>
        await intents.FindAsync(await context.SignedInAsync(), id, cancellationToken) is { } intent
            ? await PageAsync(intent, plans, error: null, cancellationToken)
            : Over();

    internal static async Task<PageResult> ShowSecondFactorAsync(
        HttpContext context, Guid id, [FromForm] string? code, MergeIntents intents, MergePlans plans, IOptions<UserSessionOptions> options, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var current = await context.SignedInAsync();
        if (current.ConfirmationNeeded(time, options.Value, PathOf(id)) is { } confirmation)
        {
            return TypedResults.LocalRedirect(confirmation);
        }

        if (await intents.FindAsync(current, id, cancellationToken) is not { } intent)
        {
            return Over();
        }

        var shown = await intents.ShowSecondFactorAsync(current, intent, code, cancellationToken);
        return shown switch
        {
            { IsRight: true } => TypedResults.LocalRedirect(PathOf(id)),
            { IsOver: true } => Over(),
            { Wait: { } wait } => Messages.TooMany(context, wait, PathOf(id)),
            _ => await PageAsync(intent, plans, MergeTexts.Get("code.wrong"), cancellationToken),
        };
    }

    internal static async Task<PageResult> MergeAsync(
        HttpContext context, Guid id, MergeIntents intents, AccountMerger merger, IOptions<UserSessionOptions> options,
        TimeProvider time, CancellationToken cancellationToken)
    {
        var current = await context.SignedInAsync();
        if (current.ConfirmationNeeded(time, options.Value, PathOf(id)) is { } confirmation)
        {
            return TypedResults.LocalRedirect(confirmation);
        }

        if (await intents.FindAsync(current, id, cancellationToken) is null)
        {
            return Over();
        }

        return await merger.MergeAsync(current, id, cancellationToken) switch
        {
            MergeOutcome.Merged => TypedResults.LocalRedirect($"{ExternalFlow.LinksPath}?done=merged"),
            MergeOutcome.SecondFactorNeeded => TypedResults.LocalRedirect(PathOf(id)),
            MergeOutcome.NotAllowed => ProblemPages.Show(ExternalProblem.CannotMerge, string.Empty, SignInPurpose.Link),
            _ => Over(),
        };
    }

    internal static async Task<RedirectHttpResult> DeclineAsync(
        HttpContext context, Guid id, MergeIntents intents, CancellationToken cancellationToken)
    {
        await intents.GiveUpAsync(await context.SignedInAsync(), id, cancellationToken);
        return TypedResults.LocalRedirect(ExternalFlow.LinksPath);
    }

    private static RazorComponentResult Over() => ProblemPages.Show(ExternalProblem.Expired, string.Empty, SignInPurpose.Link);

    private static async Task<RazorComponentResult> PageAsync(MergeIntent intent, MergePlans plans, string? error, CancellationToken cancellationToken)
    {
        var plan = await plans.ReadAsync(intent, cancellationToken);
        var status = error is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity;
        return plan.HasSecondFactor && intent.SecondFactorAt is null
            ? PageEndpoints.Page<MergeCodePage, MergeCodeModel>(new MergeCodeModel(PathOf(intent.Id), error), status)
            : PageEndpoints.Page<MergePage, MergeModel>(new MergeModel(PathOf(intent.Id), plan), status);
    }
}
