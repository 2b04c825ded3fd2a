using System.Security.Claims;
using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Checkouts;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Contracts.Identity;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Idempotency;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Api;

/// <summary>Buying.</summary>
public static class CheckoutApi
{
    private const int MaximumFrequency = 100;

    /// <summary>Maps <c>/api/subscriptions/checkout</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapCheckoutApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/subscriptions/checkout").WithTags("Subscriptions");
        group.MapPost("/", BeginAsync).RequireScope(ApiScopes.BillingWrite).WithIdempotencyKey().WithSummary("Begin to buy a plan");
        group.MapGet("/{id:guid}", GetAsync).RequireScope(ApiScopes.BillingRead).WithSummary("See what became of a checkout");
    }

    /// <summary>
    /// Prepares a payment for the account in whose name the caller acts and answers where it is made: 201, or 200 with the one that is open already for the same
    /// price. A wish for another plan gives up the one that is open. The plan can be used once it is paid. In an organization its owners, admins and those who
    /// look after payments may buy; 403 for the others. An account has one trial of a product, with its first paid subscription to any of the plans: <c>trialDays</c> of the
    /// answer says whether this purchase has it. 409 with <c>code</c> <c>alreadySubscribed</c> while there is a live paid subscription to the product: change
    /// its plan instead; <c>alreadyPaid</c> when the open one is paid and the subscription follows within moments. A plan that was given does not keep anybody from buying.
    /// 503 while the plan is not known to the payment provider, and when it is not known whether the provider has prepared the payment: ask again then.
    /// </summary>
    internal static async Task<Results<Created<CheckoutView>, Ok<CheckoutView>, ProblemHttpResult>> BeginAsync(
        CheckoutRequest request,
        HttpContext context,
        ClaimsPrincipal user,
        BillingDbContext db,
        CheckoutDesk desk,
        CheckoutViews views,
        CancellationToken cancellationToken)
    {
        var caller = await BillingCaller.PayerAsync(user, db, cancellationToken);
        if (!caller.IsGranted)
        {
            return caller.Problem;
        }

        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var buyer = Buyer.Read(request.Country, request.Currency, errors);
        if (request.Frequency is < 1 or > MaximumFrequency)
        {
            errors["frequency"] = [$"Send a number from 1 to {MaximumFrequency}, or leave it out."];
        }

        if (errors.Count > 0)
        {
            return ApiProblems.Invalid(errors);
        }

        var wish = new CheckoutWish(
            caller.AccountId, caller.Subject, request.PlanCode, request.Interval, request.Frequency, buyer);
        var result = await desk.BeginAsync(wish, cancellationToken);
        if (result is not CheckoutResult.Ready ready)
        {
            return ShopProblems.Of(result, context.Response);
        }

        var view = await views.OfAsync(ready.Checkout, buyer, cancellationToken);
        return ready.IsNew ? TypedResults.Created($"/api/subscriptions/checkout/{view.Id}", view) : TypedResults.Ok(view);
    }

    /// <summary>
    /// A checkout of the account's: <c>creating</c> while it is not known whether the payment provider has prepared the payment, <c>open</c> while it can be paid,
    /// <c>completed</c> once it is paid, <c>abandoned</c> when it was given up, replaced or not paid in time.
    /// </summary>
    internal static async Task<Results<Ok<CheckoutView>, ProblemHttpResult>> GetAsync(
        Guid id, ClaimsPrincipal user, BillingDbContext db, CheckoutViews views, CancellationToken cancellationToken)
    {
        var caller = await BillingCaller.PayerAsync(user, db, cancellationToken);
        if (!caller.IsGranted)
        {
            return caller.Problem;
        }

        return await db.Checkouts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id && row.AccountId == caller.AccountId, cancellationToken) is { } checkout
            ? TypedResults.Ok(await views.OfAsync(checkout, Buyer.Anybody, cancellationToken))
            : ApiProblems.NotFound(ShopTexts.Text("checkout.none"));
    }
}

/// <summary>What is to be bought.</summary>
public sealed record CheckoutRequest
{
    /// <summary>The plan's stable name.</summary>
    public required string PlanCode { get; init; }

    /// <summary>The unit of the billing cycle; by default the shortest cycle that the plan is sold at.</summary>
    public BillingInterval? Interval { get; init; }

    /// <summary>How many units make a cycle, 1 to 100; 1 by default.</summary>
    public int? Frequency { get; init; }

    /// <summary>What the buyer wants to pay in, ISO 4217. The payment provider decides in the end by the buyer's address.</summary>
    public string? Currency { get; init; }

    /// <summary>Where the buyer is, ISO 3166-1.</summary>
    public string? Country { get; init; }
}

/// <summary>A checkout.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Status">How it stands.</param>
/// <param name="PlanCode">What is bought.</param>
/// <param name="PlanName">Its name, in the reader's language.</param>
/// <param name="Interval">The unit of the billing cycle.</param>
/// <param name="Frequency">How many units make a cycle.</param>
/// <param name="Price">What each cycle costs; the page where it is paid shows the exact amount with tax.</param>
/// <param name="TrialDays">
/// Days of this purchase that are free at the beginning; null when the first cycle is paid at once, because the plan has no trial or the account has used up its own.
/// </param>
/// <param name="Url">Where it is paid; null unless it is open.</param>
/// <param name="CreatedAt">When it was begun, UTC.</param>
/// <param name="ExpiresAt">Until when it can be paid, UTC; null unless it is open.</param>
public sealed record CheckoutView(
    Guid Id,
    CheckoutStatus Status,
    string PlanCode,
    string? PlanName,
    BillingInterval? Interval,
    int? Frequency,
    MoneyAmount? Price,
    int? TrialDays,
    string? Url,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt);

/// <summary>Shows checkouts to those who have begun them.</summary>
/// <param name="db">Billing's database.</param>
/// <param name="currencies">Knows how many decimals amounts have.</param>
/// <param name="options">How long a checkout is kept open.</param>
public sealed class CheckoutViews(BillingDbContext db, Currencies currencies, IOptions<ShopOptions> options)
{
    internal async Task<CheckoutView> OfAsync(Checkout checkout, Buyer buyer, CancellationToken cancellationToken)
    {
        var plan = await db.Plans.AsNoTracking().Include(row => row.Prices).SingleOrDefaultAsync(row => row.Code == checkout.PlanCode, cancellationToken);
        var price = plan?.Prices.Find(candidate => candidate.Id == checkout.PriceId);
        var isOpen = checkout.Status == CheckoutStatus.Open;
        return new CheckoutView(
            checkout.Id,
            checkout.Status,
            checkout.PlanCode,
            plan?.Terms.Name.In(ShopTexts.Language),
            price?.Terms.Interval,
            price?.Terms.Frequency,
            price is null ? null : MoneyAmount.Of(price.Terms.In(buyer.Country), currencies.Table),
            checkout.TrialDays,
            isOpen ? checkout.Url : null,
            checkout.CreatedAt,
            isOpen ? checkout.CreatedAt + options.Value.CheckoutLifetime : null);
    }
}
