using System.ComponentModel;
using System.Security.Claims;
using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Checkouts;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Contracts.Identity;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Api;

/// <summary>What can be subscribed to, for everybody.</summary>
public static class PlansApi
{
    // The same for everybody who asks the same, and changed by hand: a minute is soon enough.
    private const string Cacheable = "public, max-age=60";

    // What it says of the trial is one account's.
    private const string Personal = "private, no-store";

    /// <summary>Maps <c>/api/plans</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapPlansApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/plans").WithTags("Plans").AllowAnonymous();
        group.MapGet("/", ListAsync).WithSummary("List the plans");
        group.MapGet("/{code}", GetAsync).WithSummary("See a plan");
    }

    /// <summary>
    /// The plans that are offered to everybody, in their order, in the reader's language. Of each billing cycle one price: the one for the country, else one in
    /// the currency, else the one in the default currency. May be cached for a minute, unless it is for a signed-in caller with the scope to see subscriptions: then
    /// <c>trialDays</c> says whether the caller's account would get the trial now.
    /// </summary>
    internal static async Task<Results<Ok<PlanList>, ProblemHttpResult>> ListAsync(
        HttpContext context,
        ClaimsPrincipal user,
        BillingDbContext db,
        TrialUse trials,
        Currencies currencies,
        IOptions<ShopOptions> options,
        CancellationToken cancellationToken,
        [Description("en, ru or uk; by default what Accept-Language says.")] string? language = null,
        [Description("Where the buyer is, ISO 3166-1, such as DE.")] string? country = null,
        [Description("What the buyer wants to pay in, ISO 4217, such as EUR.")] string? currency = null)
    {
        if (!TryRead(language, country, currency, out var reader, out var problem))
        {
            return problem!;
        }

        var plans = await db.Plans.AsNoTracking().Include(plan => plan.Prices)
            .Where(plan => plan.Visibility == PlanVisibility.Public)
            .OrderBy(plan => plan.SortOrder).ThenBy(plan => plan.Code)
            .ToListAsync(cancellationToken);
        var used = await UsedTrialsAsync(user, db, trials, cancellationToken);
        var known = await db.CatalogueEntries.OfAsync(plans, cancellationToken);
        SayHowToCache(context.Response, reader.Language, used is not null);
        return TypedResults.Ok(new PlanList(
        [
            .. plans.Select(plan => PlanOffer.From(
                plan, reader.Buyer, reader.Language, options.Value.DefaultCurrency, currencies.Table, used?.Contains(plan.Terms.Product) ?? false, known)),
        ]));
    }

    /// <summary>A plan by its code, also one that no list shows. 404 for one that is not sold any more. Caching and <c>trialDays</c> as in the list.</summary>
    internal static async Task<Results<Ok<PlanOffer>, ProblemHttpResult>> GetAsync(
        [Description("The plan's stable name.")] string code,
        HttpContext context,
        ClaimsPrincipal user,
        BillingDbContext db,
        TrialUse trials,
        Currencies currencies,
        IOptions<ShopOptions> options,
        CancellationToken cancellationToken,
        [Description("en, ru or uk; by default what Accept-Language says.")] string? language = null,
        [Description("Where the buyer is, ISO 3166-1, such as DE.")] string? country = null,
        [Description("What the buyer wants to pay in, ISO 4217, such as EUR.")] string? currency = null)
    {
        if (!TryRead(language, country, currency, out var reader, out var problem))
        {
            return problem!;
        }

        if (await db.Plans.AsNoTracking().Include(plan => plan.Prices)
            .SingleOrDefaultAsync(plan => plan.Code == code && plan.Visibility != PlanVisibility.Archived, cancellationToken) is not { } found)
        {
            return ApiProblems.NotFound(ShopTexts.Text("plan.unknown"));
        }

        var used = await UsedTrialsAsync(user, db, trials, cancellationToken);
        SayHowToCache(context.Response, reader.Language, used is not null);
        return TypedResults.Ok(PlanOffer.From(
            found, reader.Buyer, reader.Language, options.Value.DefaultCurrency, currencies.Table, used?.Contains(found.Terms.Product) ?? false,
            await db.CatalogueEntries.OfAsync([found], cancellationToken)));
    }

    // Null for whoever may not see subscriptions: the answer is then the one that everybody gets.
    private static async Task<IReadOnlySet<string>?> UsedTrialsAsync(ClaimsPrincipal user, BillingDbContext db, TrialUse trials, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(user);
        return caller.AccountId is { } account && caller.Has(ApiScopes.BillingRead)
            ? await trials.ProductsAsync(await db.KeptAccountAsync(account, cancellationToken), cancellationToken)
            : null;
    }

    private static bool TryRead(string? language, string? country, string? currency, out Reader reader, out ProblemHttpResult? problem)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var buyer = Buyer.Read(country, currency, errors);
        if (language is not null && !ProblemTexts.Languages.Contains(language, StringComparer.Ordinal))
        {
            errors["language"] = [$"Send one of {string.Join(", ", ProblemTexts.Languages)}."];
        }

        reader = new Reader(language ?? ShopTexts.Language, buyer);
        problem = errors.Count > 0 ? ApiProblems.Invalid(errors) : null;
        return problem is null;
    }

    private static void SayHowToCache(HttpResponse response, string language, bool isPersonal)
    {
        response.Headers.CacheControl = isPersonal ? Personal : Cacheable;
        // The gateway turns a session's cookie, or a key, into the token.
        response.Headers.Vary = "Accept-Language, Authorization, Cookie, X-Api-Key";
        response.Headers.ContentLanguage = language;
    }

    private sealed record Reader(string Language, Buyer Buyer);
}

/// <summary>A plan.</summary>
/// <param name="Code">Its stable name.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Version">Its version.</param>
/// <param name="Entitlements">What it allows.</param>
public sealed record PlanSummary(string Code, string Name, int Version, IReadOnlyList<Entitlement> Entitlements);
