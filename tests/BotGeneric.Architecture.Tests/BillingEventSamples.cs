using BotGeneric.Contracts;
using BotGeneric.Contracts.Billing.V1;

namespace BotGeneric.Architecture.Tests;

/// <summary>What Billing says of payments and plans, with every member.</summary>
internal static class BillingEventSamples
{
    public static IEnumerable<IIntegrationEvent> Of(Guid id, DateTimeOffset time) =>
    [
        new PaymentCompleted
        {
            EventId = id,
            OccurredAt = time,
            TransactionId = "txn_01h1vjes1y163xfj1rh1tkfb65",
            AccountId = id,
            SubscriptionId = id,
            PlanCode = "pro",
            Origin = "subscription_recurring",
            Amount = 30.00m,
            Tax = 5.00m,
            Currency = "USD",
            CountsAsRevenue = true,
            PeriodStart = time,
            PeriodEnd = time.AddMonths(1),
            InvoiceNumber = "325-10566",
        },
        new PaymentFailed
        {
            EventId = id,
            OccurredAt = time,
            TransactionId = "txn_01h1vjes1y163xfj1rh1tkfb65",
            AccountId = id,
            SubscriptionId = id,
            Origin = "subscription_recurring",
            Amount = 30.00m,
            Currency = "USD",
            ErrorCode = "declined",
        },
        new PaymentRefunded
        {
            EventId = id,
            OccurredAt = time,
            AdjustmentId = "adj_01h1vjes1y163xfj1rh1tkfb65",
            TransactionId = "txn_01h1vjes1y163xfj1rh1tkfb65",
            AccountId = id,
            SubscriptionId = id,
            Action = "chargeback_reverse",
            Amount = -30.00m,
            Currency = "USD",
        },
        new PlanChanged
        {
            EventId = id,
            OccurredAt = time,
            PlanCode = "pro",
            Version = 2,
            Revision = 5,
            Names = new Dictionary<string, string> { ["en"] = "Pro", ["uk"] = "Pro" },
            Visibility = "public",
            Entitlements = [new Entitlement(Meters.Requests, LimitWindows.Day, 1000)],
        },
    ];
}
