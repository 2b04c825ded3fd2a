using BotGeneric.Billing.Domain;
using BotGeneric.Contracts.Billing.V1;

namespace BotGeneric.Billing.Messaging;

/// <summary>What the other services are told of payments. The account must be known.</summary>
internal static class PaymentEvents
{
    private const string PaymentMethodChange = "subscription_payment_method_change";

    internal static PaymentCompleted ToCompleted(this Transaction payment, Guid eventId, Guid? subscriptionId, string? planCode, CurrencyTable currencies)
    {
        var state = payment.State;
        return new PaymentCompleted
        {
            EventId = eventId,
            OccurredAt = payment.CompletedAt!.Value,
            TransactionId = payment.PaddleId,
            AccountId = payment.AccountId!.Value,
            SubscriptionId = subscriptionId,
            PlanCode = planCode,
            Origin = state.Origin,
            Amount = Amount(state.Totals.GrandTotal, state.Currency, currencies),
            Tax = Amount(state.Totals.GrandTotalTax, state.Currency, currencies),
            Currency = state.Currency,
            CountsAsRevenue = state.Origin != PaymentMethodChange && state.Totals.GrandTotal > 0,
            PeriodStart = state.PeriodStart,
            PeriodEnd = state.PeriodEnd,
            InvoiceNumber = state.InvoiceNumber,
        };
    }

    internal static PaymentFailed ToFailed(this Transaction payment, Guid eventId, PaymentFailure failure, Guid? subscriptionId, CurrencyTable currencies) => new()
    {
        EventId = eventId,
        OccurredAt = failure.FailedAt,
        TransactionId = payment.PaddleId,
        AccountId = payment.AccountId!.Value,

        // A first payment had no subscription when it failed, also when it has one by now.
        SubscriptionId = payment.State.Origin is "web" or "api" ? null : subscriptionId,
        Origin = payment.State.Origin,
        Amount = Amount(failure.Amount, payment.State.Currency, currencies),
        Currency = payment.State.Currency,
        ErrorCode = failure.ErrorCode,
    };

    internal static PaymentRefunded ToRefunded(this Adjustment adjustment, Guid eventId, Guid? subscriptionId, CurrencyTable currencies) =>
        adjustment.ToRefunded(
            eventId,
            // Of what was reversed before anything was heard of it nobody knows any more when it was approved.
            adjustment.State.Status == AdjustmentStatus.Approved ? adjustment.LastEventAt : adjustment.State.CreatedAt,
            adjustment.State.Action,
            Math.Abs(adjustment.State.Total),
            subscriptionId,
            currencies);

    // What was said to have come back and has not is given again.
    internal static PaymentRefunded ToReturned(
        this Adjustment adjustment, Guid eventId, AdjustmentReturn back, Guid? subscriptionId, CurrencyTable currencies)
    {
        var given = adjustment.AnnouncedReturn - back.Total;
        return adjustment.ToRefunded(
            eventId,
            back.IsUndone ? back.At : adjustment.LastEventAt,
            given < 0 ? $"{adjustment.State.Action}_reverse" : adjustment.State.Action,
            given,
            subscriptionId,
            currencies);
    }

    private static PaymentRefunded ToRefunded(
        this Adjustment adjustment, Guid eventId, DateTimeOffset occurredAt, string action, long amount, Guid? subscriptionId, CurrencyTable currencies) => new()
        {
            EventId = eventId,
            OccurredAt = occurredAt,
            AdjustmentId = adjustment.PaddleId,
            TransactionId = adjustment.State.TransactionId,
            AccountId = adjustment.AccountId!.Value,
            SubscriptionId = subscriptionId,
            Action = action,
            Amount = Amount(amount, adjustment.State.Currency, currencies),
            Currency = adjustment.State.Currency,
        };

    private static decimal Amount(long minor, string currency, CurrencyTable currencies) => new Money(minor, currency).ToDecimal(currencies);
}
