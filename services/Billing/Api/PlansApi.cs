using System.ComponentModel;
using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Checkouts;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Contracts.Billing.V1;
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
    /// the currency, else the one in the default currency. May be cached for a minute.
    /// </summary>
    internal static async Task<Results<Ok<PlanList>, ProblemHttpResult>> ListAsync(
        HttpContext context,
        BillingDbContext db,
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
        AllowCaching(context.Response, reader.Language);
        return TypedResults.Ok(new PlanList(
            [.. plans.Select(plan => PlanOffer.From(plan, reader.Buyer, reader.Language, options.Value.DefaultCurrency, currencies.Table))]));
    }

    /// <summary>A plan by its code, also one that no list shows. 404 for one that is not sold any more. May be cached for a minute.</summary>
    internal static async Task<Results<Ok<PlanOffer>, ProblemHttpResult>> GetAsync(
        [Description("The plan's stable name.")] string code,
        HttpContext context,
        BillingDbContext db,
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

        AllowCaching(context.Response, reader.Language);
        return TypedResults.Ok(PlanOffer.From(found, reader.Buyer, reader.Language, options.Value.DefaultCurrency, currencies.Table));
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

    private static void AllowCaching(HttpResponse response, string language)
    {
        response.Headers.CacheControl = Cacheable;
        response.Headers.Vary = "Accept-Language";
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
