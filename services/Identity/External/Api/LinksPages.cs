using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Identity.Accounts.Links;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.External.Attempts;
using BotGeneric.Identity.External.Linking;
using BotGeneric.Identity.External.OpenId;
using BotGeneric.Identity.Pages.Links;
using BotGeneric.Identity.Sessions;
using BotGeneric.WebUi.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.External.Api;

/// <summary>The page on which a person sees and changes the ways in through other providers. Every change is a POST with a fresh credential.</summary>
internal static class LinksPages
{
    internal static void MapLinksPages(this IEndpointRouteBuilder pages)
    {
        var links = pages.MapGroup(ExternalFlow.LinksPath).RequireAuthorization(SessionCookie.SignedInPolicy);
        links.MapGet(string.Empty, ShowAsync);
        links.MapPost("/{provider}", LinkAsync);
        links.MapPost("/{provider}/remove", UnlinkAsync);
        links.MapGet("/pending", ShowPendingAsync);
        links.MapPost("/pending", LinkPendingAsync);
        links.MapPost("/pending/decline", DeclinePending);
        links.MapChatLinkPages();
    }

    internal static async Task<Results<RazorComponentResult, RedirectHttpResult>> ShowAsync(
        HttpContext context, string? done, string? provider, ExternalProviders providers, ChatLinks chats, IdentityDbContext db, CancellationToken cancellationToken)
    {
        if (await context.GetCurrentSessionAsync() is not { } current)
        {
            return TypedResults.Redirect("/login");
        }

        var linked = await db.ExternalIdentities.AsNoTracking()
            .Where(identity => identity.UserId == current.User.Id)
            .ToDictionaryAsync(identity => identity.Provider, cancellationToken);
        string[] known = [IdentityProviders.Google, IdentityProviders.Apple, IdentityProviders.Telegram];
        var rows = known
            .Where(name => linked.ContainsKey(name) || providers.Find(name) is not null)
            .Select(name => Row(name, linked.GetValueOrDefault(name), providers.Find(name) is not null))
            .ToList();
        var notice = done is "merged" || (done is "linked" or "unlinked" && known.Contains(provider, StringComparer.Ordinal)) ? done : null;
        return PageEndpoints.Page<LinksPage, LinksModel>(new LinksModel(
            rows, chats.IsEnabled && linked.GetValueOrDefault(IdentityProviders.Telegram)?.ProviderUserId is null,
            notice, notice is null ? null : LinksTexts.NameOf(provider ?? string.Empty)));
    }

    /// <summary>
    /// Begins a link. The answer is a page and no redirect: browsers follow a form's redirects only to where <c>form-action</c> of the page that
    /// held it leads, and ours leads to ourselves. The page goes on by itself, as a navigation of its own.
    /// </summary>
    internal static async Task<Results<RazorComponentResult, RedirectHttpResult, NotFound>> LinkAsync(
        HttpContext context, string provider, ExternalProviders providers, AttemptStore attempts, OpenIdClient client,
        TimeProvider time, IOptions<UserSessionOptions> options, CancellationToken cancellationToken)
    {
        if (providers.Find(provider) is not { } found)
        {
            return TypedResults.NotFound();
        }

        var (current, elsewhere) = await FreshAsync(context, time, options, ExternalFlow.LinksPath);
        if (current is null)
        {
            return TypedResults.Redirect(elsewhere);
        }

        var (attempt, state) = await attempts.BeginAsync(
            context, provider, SignInPurpose.Link, current.Session, ExternalFlow.LinksPath, cancellationToken);
        if (await client.AddressAsync(found, attempt, state, cancellationToken) is not { } address)
        {
            return ProblemPages.Show(ExternalProblem.ProviderFailed, provider, SignInPurpose.Link);
        }

        context.Response.Headers["Refresh"] = $"0; url={address}";
        return PageEndpoints.Page<ContinuePage, ContinueModel>(new ContinueModel(LinksTexts.NameOf(provider), address));
    }

    internal static async Task<Results<RedirectHttpResult, RazorComponentResult>> UnlinkAsync(
        HttpContext context, string provider, ExternalAccounts accounts, TimeProvider time,
        IOptions<UserSessionOptions> options, CancellationToken cancellationToken)
    {
        var (current, elsewhere) = await FreshAsync(context, time, options, ExternalFlow.LinksPath);
        if (current is null)
        {
            return TypedResults.Redirect(elsewhere);
        }

        return await accounts.UnlinkAsync(current.User.Id, provider, cancellationToken) is { } problem
            ? ProblemPages.Show(problem, provider, SignInPurpose.Link)
            : TypedResults.Redirect($"{ExternalFlow.LinksPath}?done=unlinked&provider={Uri.EscapeDataString(provider)}");
    }

    internal static async Task<Results<RazorComponentResult, RedirectHttpResult>> ShowPendingAsync(HttpContext context, PendingLinks pending) =>
        await context.GetCurrentSessionAsync() is { } current && pending.Find(context) is { } link
            ? PageEndpoints.Page<PendingLinkPage, PendingLinkModel>(new PendingLinkModel(
                LinksTexts.NameOf(link.Proof.Provider), link.Proof.Email ?? link.Proof.DisplayName,
                current.User.Email ?? current.User.DisplayName))
            : TypedResults.Redirect(ExternalFlow.LinksPath);

    internal static async Task<Results<RedirectHttpResult, RazorComponentResult>> LinkPendingAsync(
        HttpContext context, PendingLinks pending, SingleUse singleUse, ExternalFlow flow, TimeProvider time,
        IOptions<UserSessionOptions> options, CancellationToken cancellationToken)
    {
        var (current, elsewhere) = await FreshAsync(context, time, options, ExternalFlow.PendingPath);
        if (current is null)
        {
            return TypedResults.Redirect(elsewhere);
        }

        if (pending.Find(context) is not { } link)
        {
            return ProblemPages.Show(ExternalProblem.Expired, string.Empty, SignInPurpose.Link);
        }

        pending.Forget(context);
        if (!await singleUse.TryUseAsync(link.Fingerprint, link.ExpiresAt, cancellationToken))
        {
            return ProblemPages.Show(ExternalProblem.Replayed, link.Proof.Provider, SignInPurpose.Link);
        }

        var next = await flow.LinkAsync(current, link.Proof, link.ProvedAt, cancellationToken);
        return next.Path is { } path ? TypedResults.Redirect(path) : ProblemPages.Show(next.Problem, link.Proof.Provider, SignInPurpose.Link);
    }

    internal static RedirectHttpResult DeclinePending(HttpContext context, PendingLinks pending)
    {
        pending.Forget(context);
        return TypedResults.Redirect(ExternalFlow.LinksPath);
    }

    private static async Task<(CurrentSession? Current, string Elsewhere)> FreshAsync(
        HttpContext context, TimeProvider time, IOptions<UserSessionOptions> options, string returnUrl)
    {
        if (await context.GetCurrentSessionAsync() is not { } current)
        {
            return (null, $"/login?returnUrl={Uri.EscapeDataString(returnUrl)}");
        }

        return current.ConfirmationNeeded(time, options.Value, returnUrl) is { } confirmation ? (null, confirmation) : (current, string.Empty);
    }

    private static LinkRow Row(string provider, ExternalIdentity? identity, bool isOffered) => new(
        provider, LinksTexts.NameOf(provider), identity is not null, isOffered,
        string.Join(", ", new[] { identity?.DisplayName, identity?.Email }.Where(part => part is not null)),
        IsRelay: identity is { Provider: IdentityProviders.Apple, Email: { } email } && email.EndsWith("@privaterelay.appleid.com", StringComparison.OrdinalIgnoreCase),
        identity?.LinkedAt, identity?.LastUsedAt);
}
