using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Accounts.Links;
using BotGeneric.Identity.External.Telegram;
using BotGeneric.Identity.Pages.Links;
using BotGeneric.WebUi.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Identity.External.Api;

/// <summary>
/// Sign-in with what Telegram signs for a Mini App or the legacy widget. Opening a page signs nobody in: the form of the page does, and carries an
/// antiforgery token, so no other site can sign somebody in as somebody else.
/// </summary>
internal static class TelegramPages
{
    internal const string MiniAppPath = "/account/external/telegram/mini-app";
    internal const string WidgetPath = "/account/external/telegram/widget";

    private const int MaximumBytes = 32 * 1024;
    private const string ReturnParameter = "returnUrl";

    internal static void MapTelegramPages(this IEndpointRouteBuilder pages)
    {
        var limit = new RequestSizeLimitAttribute(MaximumBytes);
        pages.MapGet(MiniAppPath, ShowMiniApp).AllowAnonymous();
        pages.MapPost(MiniAppPath, SignInFromMiniAppAsync).AllowAnonymous().WithMetadata(limit);
        pages.MapGet(WidgetPath, ShowWidget).AllowAnonymous();
        pages.MapPost(WidgetPath, SignInFromWidgetAsync).AllowAnonymous().WithMetadata(limit);
    }

    internal static Results<RazorComponentResult, NotFound> ShowMiniApp(string? returnUrl, TelegramProofs proofs) => proofs.IsEnabled
        ? PageEndpoints.Page<MiniAppPage, MiniAppModel>(new MiniAppModel(ReturnAddress.OrElse(returnUrl)))
        : TypedResults.NotFound();

    internal static async Task<Results<RedirectHttpResult, RazorComponentResult, NotFound>> SignInFromMiniAppAsync(
        HttpContext context, [FromForm] string? initData, [FromForm] string? returnUrl, TelegramProofs proofs, SingleUse singleUse, ExternalFlow flow,
        CancellationToken cancellationToken) => proofs.IsEnabled
            ? await SignInAsync(context, proofs.ReadMiniApp(initData), returnUrl, singleUse, flow, cancellationToken)
            : TypedResults.NotFound();

    internal static Results<RazorComponentResult, NotFound> ShowWidget(HttpContext context, string? returnUrl, TelegramProofs proofs)
    {
        if (!proofs.IsEnabled)
        {
            return TypedResults.NotFound();
        }

        var data = WidgetQuery(context.Request.QueryString);
        var (proof, problem) = proofs.ReadWidget(data);
        return proof is null
            ? ProblemPages.Show(problem, IdentityProviders.Telegram)
            : PageEndpoints.Page<WidgetPage, WidgetModel>(
                new WidgetModel(proof.Proof.DisplayName ?? proof.Proof.ProviderUserId!, data, ReturnAddress.OrElse(returnUrl)));
    }

    internal static async Task<Results<RedirectHttpResult, RazorComponentResult, NotFound>> SignInFromWidgetAsync(
        HttpContext context, [FromForm] string? data, [FromForm] string? returnUrl, TelegramProofs proofs, SingleUse singleUse, ExternalFlow flow,
        CancellationToken cancellationToken) => proofs.IsEnabled
            ? await SignInAsync(context, proofs.ReadWidget(data), returnUrl, singleUse, flow, cancellationToken)
            : TypedResults.NotFound();

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, NotFound>> SignInAsync(
        HttpContext context, (TelegramProof? Proof, ExternalProblem Problem) read, string? returnUrl, SingleUse singleUse, ExternalFlow flow,
        CancellationToken cancellationToken)
    {
        var target = ReturnAddress.OrElse(returnUrl);
        if (read.Proof is not { } proof)
        {
            return ProblemPages.Show(read.Problem, IdentityProviders.Telegram, returnUrl: target);
        }

        if (!await singleUse.TryUseAsync(proof.Fingerprint, proof.ExpiresAt, cancellationToken))
        {
            return ProblemPages.Show(ExternalProblem.Replayed, IdentityProviders.Telegram, returnUrl: target);
        }

        var next = await flow.SignInAsync(context, proof.Proof, target, cancellationToken);
        return next.Path is { } path ? TypedResults.Redirect(path) : ProblemPages.Show(next.Problem, IdentityProviders.Telegram, returnUrl: target);
    }

    // What the address of the widget's page had already is not signed.
    private static string WidgetQuery(QueryString query) => string.Join(
        '&', (query.Value ?? string.Empty).TrimStart('?').Split('&').Where(pair => !pair.StartsWith($"{ReturnParameter}=", StringComparison.OrdinalIgnoreCase)));
}
