using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Checkouts;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;
using BotGeneric.Billing.Subscriptions;
using BotGeneric.Contracts.Identity;
using BotGeneric.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Api;

/// <summary>Links to the payment provider's pages. Whoever has one acts for the payer: they are made for each request, and neither kept nor logged.</summary>
public static class PaymentLinksApi
{
    // More than that the provider refuses.
    private const int MaximumSubscriptions = 25;

    /// <summary>Maps <c>/api/subscriptions/current/payment-method</c> and <c>/portal</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapPaymentLinksApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/subscriptions/current").WithTags("Subscriptions");
        group.MapGet("/payment-method", PaymentMethodAsync).RequireScope(ApiScopes.BillingWrite).RequireAuthorization(ApiPolicies.NotImpersonated)
            .WithSummary("Get a link to pay what is missing, or to pay in another way");
        group.MapPost("/portal", PortalAsync).RequireScope(ApiScopes.BillingWrite).WithSummary("Get links to the payment provider's own pages");
    }

    /// <summary>
    /// Where the payment that is missing is made; when none is, where another way to pay is left, for which nothing is charged. 409 with <c>code</c> for a subscription that was
    /// given, is paid by invoices, is paused or over. The link is for the payer alone.
    /// </summary>
    internal static async Task<Results<Ok<PaymentMethodLink>, ProblemHttpResult>> PaymentMethodAsync(
        [AsParameters] SubscriptionContext context, IPaddleClient paddle, Currencies currencies, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        var (subscription, _, problem) = await context.FindAsync(cancellationToken);
        if (problem is not null)
        {
            return problem;
        }

        if (SubscriptionRules.Refuse(subscription!, SubscriptionAction.UpdatePayment) is { } reason)
        {
            return ShopProblems.Of(reason);
        }

        var result = await paddle.GetPaymentMethodTransactionAsync(subscription!.PaddleId!, cancellationToken);
        if (!result.IsDone)
        {
            return result.Failure.ToProblem(context.Response);
        }

        if (result.Value.Checkout?.Url is not { Length: > 0 } url)
        {
            return ShopProblems.Conflict("noLink", "payment.noLink");
        }

        var totals = result.Value.Details?.Totals;
        var due = totals is null ? 0 : PaddleAmount.ToMinorUnits(totals.Balance ?? totals.GrandTotal ?? totals.Total);
        return TypedResults.Ok(new PaymentMethodLink(url, MoneyAmount.Of(due, result.Value.CurrencyCode, currencies.Table)));
    }

    /// <summary>
    /// Links to the payment provider's own pages about the payer of the subscription. 409 with <c>code</c> <c>sharedPayer</c> when the payer has bought for other accounts too,
    /// which those pages would show.
    /// </summary>
    internal static async Task<Results<Ok<PortalLinks>, ProblemHttpResult>> PortalAsync(
        [AsParameters] SubscriptionContext context, BillingDbContext db, AccountPayers payers, IPaddleClient paddle, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        var (subscription, caller, problem) = await context.FindAsync(cancellationToken);
        if (problem is not null)
        {
            return problem;
        }

        if (SubscriptionRules.Refuse(subscription!, SubscriptionAction.Portal) is { } reason)
        {
            return ShopProblems.Of(reason);
        }

        var customerId = subscription!.CustomerId!;
        if (!await payers.MayShowAsync(customerId, caller.AccountId, cancellationToken))
        {
            return ShopProblems.Conflict("sharedPayer", "payment.sharedPayer");
        }

        var subscriptions = await db.Subscriptions.AsNoTracking()
            .Where(row => row.AccountId == caller.AccountId && row.CustomerId == customerId && row.State.Status != SubscriptionStatus.Canceled && row.PaddleId != null)
            .OrderBy(row => row.Id)
            .Take(MaximumSubscriptions)
            .Select(row => row.PaddleId!)
            .ToListAsync(cancellationToken);
        var result = await paddle.CreatePortalSessionAsync(customerId, subscriptions, cancellationToken);
        if (!result.IsDone)
        {
            return result.Failure.ToProblem(context.Response);
        }

        var mine = result.Value.Urls.Subscriptions?.FirstOrDefault(urls => urls.Id == subscription.PaddleId);
        return TypedResults.Ok(new PortalLinks(result.Value.Urls.General.Overview, mine?.CancelSubscription, mine?.UpdateSubscriptionPaymentMethod));
    }
}

/// <summary>Where another way to pay is left.</summary>
/// <param name="Url">The page. For the payer alone: it is neither to be stored nor passed on.</param>
/// <param name="AmountDue">What is paid there; 0 when nothing is missing.</param>
public sealed record PaymentMethodLink(string Url, MoneyAmount AmountDue)
{
    /// <inheritdoc />
    public override string ToString() => nameof(PaymentMethodLink);
}

/// <summary>Links to the payment provider's own pages. For the payer alone: they are neither to be stored nor passed on.</summary>
/// <param name="Overview">Everything that the payer has bought.</param>
/// <param name="Cancel">Where the subscription is canceled; null where the provider has no such page.</param>
/// <param name="UpdatePaymentMethod">Where another way to pay is left; null where the provider has no such page.</param>
public sealed record PortalLinks(string Overview, string? Cancel, string? UpdatePaymentMethod)
{
    /// <inheritdoc />
    public override string ToString() => nameof(PortalLinks);
}
