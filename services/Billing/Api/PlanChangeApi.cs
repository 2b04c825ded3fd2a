using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;
using BotGeneric.Billing.Subscriptions;
using BotGeneric.Contracts.Identity;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Idempotency;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Billing.Api;

/// <summary>Changing to another plan or billing cycle.</summary>
public static class PlanChangeApi
{
    private const int MaximumFrequency = 100;

    /// <summary>Maps <c>/api/subscriptions/current/preview-change</c> and <c>/change</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapPlanChangeApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/subscriptions/current").WithTags("Subscriptions");
        group.MapPost("/preview-change", PreviewAsync).RequireScope(ApiScopes.BillingRead).WithSummary("See what a change of plan costs");
        group.MapPost("/change", ChangeAsync).RequireScope(ApiScopes.BillingWrite).WithIdempotencyKey().WithSummary("Change the plan");
    }

    /// <summary>
    /// What a change would cost now and later, worked out by the payment provider to the cent. Nothing is changed. The plan changes at once in every case; what differs is how
    /// the rest of the period is charged, which <c>explanation</c> says in words. 409 with <c>code</c> says why a change is not possible.
    /// </summary>
    internal static async Task<Results<Ok<ChangePreview>, ProblemHttpResult>> PreviewAsync(
        ChangeRequest request,
        [AsParameters] SubscriptionContext context,
        PlanChanges changes,
        IPaddleClient paddle,
        Currencies currencies,
        CancellationToken cancellationToken)
    {
        var (subscription, change, _, problem) = await PrepareAsync(request, context, changes, cancellationToken);
        if (problem is not null)
        {
            return problem;
        }

        var preview = await paddle.PreviewSubscriptionAsync(subscription!.PaddleId!, change!.ToRequest(), cancellationToken);
        return preview.IsDone ? TypedResults.Ok(ChangePreview.From(change, preview.Value, currencies.Table)) : preview.Failure.ToProblem(context.Response);
    }

    /// <summary>
    /// Changes the plan at once. What has to be paid now is charged to the way to pay that is on file; when that is declined the answer is 402 and nothing has changed.
    /// 409 with <c>code</c> says why a change is not possible; 503 when it is not known whether it was made: look before it is repeated.
    /// </summary>
    internal static async Task<Results<Ok<SubscriptionView>, ProblemHttpResult>> ChangeAsync(
        ChangeRequest request,
        [AsParameters] SubscriptionContext context,
        PlanChanges changes,
        CancellationToken cancellationToken)
    {
        var (subscription, change, caller, problem) = await PrepareAsync(request, context, changes, cancellationToken);
        return problem ?? await context.AnswerAsync(await changes.MakeAsync(subscription!, change!, caller.Subject, cancellationToken), cancellationToken);
    }

    private static async Task<(Subscription? Subscription, PlanChange? Change, BillingCaller Caller, ProblemHttpResult? Problem)> PrepareAsync(
        ChangeRequest request, SubscriptionContext context, PlanChanges changes, CancellationToken cancellationToken)
    {
        var (subscription, caller, problem) = await context.FindAsync(cancellationToken);
        if (problem is null && request.Frequency is < 1 or > MaximumFrequency)
        {
            problem = ApiProblems.Invalid("frequency", $"Send a number from 1 to {MaximumFrequency}, or leave it out.");
        }

        if (problem is not null)
        {
            return (null, null, caller, problem);
        }

        return await changes.PrepareAsync(subscription!, request.PlanCode, request.Interval, request.Frequency, cancellationToken) switch
        {
            PlanChangeResult.Ready(var change) => (subscription, change, caller, null),
            PlanChangeResult.Refused(var reason) => (null, null, caller, ShopProblems.Of(reason)),
            PlanChangeResult.Impossible(var obstacle) => (null, null, caller, ShopProblems.Of(obstacle, context.Response)),
            PlanChangeResult.Failed(var failure) => (null, null, caller, failure.ToProblem(context.Response)),
            _ => throw new InvalidOperationException("There is no other result."),
        };
    }
}

/// <summary>To what a subscription is to be changed.</summary>
public sealed record ChangeRequest
{
    /// <summary>The plan's stable name.</summary>
    public required string PlanCode { get; init; }

    /// <summary>The unit of the billing cycle; by default as it is.</summary>
    public BillingInterval? Interval { get; init; }

    /// <summary>How many units make a cycle, 1 to 100; 1 by default, or as it is without <c>interval</c>.</summary>
    public int? Frequency { get; init; }
}

/// <summary>What a change of plan would cost.</summary>
/// <param name="PlanCode">The plan that is changed to.</param>
/// <param name="PlanName">Its name, in the reader's language.</param>
/// <param name="Interval">The unit of its billing cycle.</param>
/// <param name="Frequency">How many units make a cycle.</param>
/// <param name="Kind">Which way it goes.</param>
/// <param name="Explanation">How it is charged, in a sentence or two, in the reader's language.</param>
/// <param name="Proration">The payment provider's word for that, such as <c>prorated_immediately</c>.</param>
/// <param name="Credit">What is given back for time that was paid for and is not used; the provider may write it as a negative amount. Null when nothing is worked out.</param>
/// <param name="Charge">What the change costs before that. Null when nothing is worked out.</param>
/// <param name="Result">The difference, negative when it is credited. Null when nothing is worked out.</param>
/// <param name="DueNow">What is charged at once, with tax; 0 when nothing is.</param>
/// <param name="TaxDueNow">The tax in it.</param>
/// <param name="NextPaymentAt">When the next payment is due, UTC; null when none is.</param>
/// <param name="NextPayment">How much that will be, with tax and with what is left to settle; null when it is not known.</param>
/// <param name="Recurring">What each cycle costs after that, with tax; null when it is not known.</param>
public sealed record ChangePreview(
    string PlanCode,
    string PlanName,
    BillingInterval Interval,
    int Frequency,
    PlanChangeKind Kind,
    string Explanation,
    string Proration,
    MoneyAmount? Credit,
    MoneyAmount? Charge,
    MoneyAmount? Result,
    MoneyAmount DueNow,
    MoneyAmount TaxDueNow,
    DateTimeOffset? NextPaymentAt,
    MoneyAmount? NextPayment,
    MoneyAmount? Recurring)
{
    internal static ChangePreview From(PlanChange change, PaddleSubscriptionPreview preview, CurrencyTable currencies)
    {
        var currency = preview.CurrencyCode ?? change.Offer.Amount.Currency;
        var now = preview.ImmediateTransaction?.Details?.Totals;
        return new ChangePreview(
            change.Plan.Code,
            change.Plan.Terms.Name.In(ShopTexts.Language),
            change.Offer.Price.Terms.Interval,
            change.Offer.Price.Terms.Frequency,
            change.Kind,
            ShopTexts.Text(ExplanationOf(change)),
            change.ProrationMode,
            Amount(preview.UpdateSummary?.Credit, currencies),
            Amount(preview.UpdateSummary?.Charge, currencies),
            preview.UpdateSummary?.Result is { } result
                ? MoneyAmount.Of(Signed(result), result.CurrencyCode, currencies)
                : null,
            MoneyAmount.Of(now is null ? 0 : Total(now), now?.CurrencyCode ?? currency, currencies),
            MoneyAmount.Of(now is null ? 0 : PaddleAmount.ToMinorUnits(now.GrandTotalTax ?? now.Tax), now?.CurrencyCode ?? currency, currencies),
            preview.NextBilledAt,
            Sum(preview.NextTransaction?.Details, currency, currencies),
            Sum(preview.RecurringTransactionDetails, currency, currencies));
    }

    private static string ExplanationOf(PlanChange change) => change.Status switch
    {
        PaddleSubscriptionStatuses.Trialing => "explain.trialing",
        PaddleSubscriptionStatuses.Paused => "explain.paused",
        _ => $"explain.{change.ProrationMode}",
    };

    private static MoneyAmount? Amount(PaddleMoney? money, CurrencyTable currencies) =>
        money is null ? null : MoneyAmount.Of(money.ToMinorUnits(), money.CurrencyCode, currencies);

    // Of more credit than there is to pay the rest stays for later payments: nobody pays less than nothing.
    private static MoneyAmount? Sum(PaddleTransactionDetails? details, string currency, CurrencyTable currencies) =>
        details?.Totals is { } totals ? MoneyAmount.Of(Math.Max(0, Total(totals)), totals.CurrencyCode ?? currency, currencies) : null;

    // After credit, where there is a sum after credit.
    private static long Total(PaddleTotals totals) => PaddleAmount.ToMinorUnits(totals.GrandTotal ?? totals.Total);

    // Paddle writes the difference without its sign, and the direction beside it.
    private static long Signed(PaddleUpdateResult result)
    {
        var amount = PaddleAmount.ToMinorUnits(result.Amount);
        return result.Action == "credit" ? -Math.Abs(amount) : amount;
    }
}
