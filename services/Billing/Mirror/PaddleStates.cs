using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;

namespace BotGeneric.Billing.Mirror;

/// <summary>What the provider says, in our words. A status that this version does not know keeps the provider's word and becomes unknown.</summary>
internal static class PaddleStates
{
    internal static SubscriptionState ToState(this PaddleSubscription entity)
    {
        var status = SubscriptionStatusOf(entity.Status);
        return new SubscriptionState(
            status,
            entity.Status,
            entity.CurrencyCode,
            entity.CollectionMode,
            [.. entity.Items.Select(item => ToItem(item.Price, item.Product, item.Quantity, entity.CurrencyCode))],
            entity.StartedAt.Kept(),
            entity.CurrentBillingPeriod?.StartsAt.Kept(),
            entity.CurrentBillingPeriod?.EndsAt.Kept(),
            entity.NextBilledAt.Kept(),
            status == SubscriptionStatus.Trialing ? (entity.Items.Max(item => item.TrialDates?.EndsAt) ?? entity.NextBilledAt).Kept() : null,
            entity.PausedAt.Kept(),
            entity.CanceledAt.Kept(),
            entity.ScheduledChange is { } change ? new ScheduledChange(change.Action, change.EffectiveAt.Kept(), change.ResumeAt.Kept()) : null);
    }

    internal static TransactionState ToState(this PaddleTransaction entity, DateTimeOffset occurredAt)
    {
        var last = entity.Payments.Count > 0 && IsFailed(entity.Payments[0]) ? entity.Payments[0] : null;
        return new TransactionState(
            TransactionStatusOf(entity.Status),
            entity.Status,
            entity.CustomerId,
            entity.SubscriptionId,
            entity.Origin ?? string.Empty,
            entity.CollectionMode ?? string.Empty,
            entity.CurrencyCode,
            [.. entity.Items.Where(item => item.Price is not null).Select(item => ToItem(item.Price!, product: null, item.Quantity, entity.CurrencyCode))],
            entity.BillingPeriod?.StartsAt.Kept(),
            entity.BillingPeriod?.EndsAt.Kept(),
            entity.InvoiceId,
            entity.InvoiceNumber,
            (entity.CreatedAt ?? occurredAt).Kept(),
            entity.BilledAt.Kept(),
            last is null ? null : AttemptOf(entity, last),
            last?.ErrorCode)
        { Totals = ToTotals(entity.Details?.Totals) };
    }

    /// <summary>
    /// When the money was taken. Where nothing had to be, as at the begin of a trial or where credit paid for all: when it was billed. Null where it is not said, and
    /// every snapshot of what is completed says the same.
    /// </summary>
    internal static DateTimeOffset? PaidAt(this PaddleTransaction entity)
    {
        var captured = entity.Payments.Where(payment => payment.Status == "captured").Max(payment => payment.CapturedAt);
        var isFree = entity.Details?.Totals is { } totals && Minor(totals.GrandTotal ?? totals.Total) == 0;
        return (captured ?? (isFree ? entity.BilledAt : null)).Kept();
    }

    /// <summary>The attempts that failed, oldest first.</summary>
    internal static IEnumerable<PaymentFailure> Failures(this PaddleTransaction entity, DateTimeOffset occurredAt) => entity.Payments
        .Where(IsFailed)
        .Reverse()
        .Select(payment => new PaymentFailure(
            AttemptOf(entity, payment), (payment.CreatedAt ?? occurredAt).Kept(), PaddleAmount.ToMinorUnits(payment.Amount), payment.ErrorCode, IsAnnounced: false));

    internal static AdjustmentState ToState(this PaddleAdjustment entity, DateTimeOffset occurredAt) => new(
        AdjustmentStatusOf(entity.Status),
        entity.Status,
        entity.Action,
        entity.Type ?? string.Empty,
        entity.TransactionId,
        entity.SubscriptionId,
        entity.CustomerId,
        entity.Reason,
        entity.CurrencyCode,
        Minor(entity.Totals?.Subtotal),
        Minor(entity.Totals?.Tax),
        Minor(entity.Totals?.Total),
        (entity.CreatedAt ?? occurredAt).Kept())
    { GoesToBalance = entity.CreditAppliedToBalance == true };

    /// <summary>A time as the database keeps it: UTC, to the microsecond.</summary>
    internal static DateTimeOffset Kept(this DateTimeOffset time)
    {
        var utc = time.ToUniversalTime();
        return utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    internal static DateTimeOffset? Kept(this DateTimeOffset? time) => time?.Kept();

    internal static SubscriptionStatus SubscriptionStatusOf(string status) => status switch
    {
        PaddleSubscriptionStatuses.Trialing => SubscriptionStatus.Trialing,
        PaddleSubscriptionStatuses.Active => SubscriptionStatus.Active,
        PaddleSubscriptionStatuses.PastDue => SubscriptionStatus.PastDue,
        PaddleSubscriptionStatuses.Paused => SubscriptionStatus.Paused,
        PaddleSubscriptionStatuses.Canceled => SubscriptionStatus.Canceled,
        _ => SubscriptionStatus.Unknown,
    };

    private static TransactionStatus TransactionStatusOf(string status) => status switch
    {
        PaddleTransactionStatuses.Draft => TransactionStatus.Draft,
        PaddleTransactionStatuses.Ready => TransactionStatus.Ready,
        PaddleTransactionStatuses.Billed => TransactionStatus.Billed,
        PaddleTransactionStatuses.PastDue => TransactionStatus.PastDue,
        PaddleTransactionStatuses.Paid => TransactionStatus.Paid,
        PaddleTransactionStatuses.Completed => TransactionStatus.Completed,
        PaddleTransactionStatuses.Canceled => TransactionStatus.Canceled,
        _ => TransactionStatus.Unknown,
    };

    private static AdjustmentStatus AdjustmentStatusOf(string status) => status switch
    {
        PaddleAdjustmentStatuses.PendingApproval => AdjustmentStatus.PendingApproval,
        PaddleAdjustmentStatuses.Approved => AdjustmentStatus.Approved,
        PaddleAdjustmentStatuses.Rejected => AdjustmentStatus.Rejected,
        PaddleAdjustmentStatuses.Reversed => AdjustmentStatus.Reversed,
        _ => AdjustmentStatus.Unknown,
    };

    private static SubscriptionItem ToItem(PaddlePrice price, PaddleProduct? product, int quantity, string? currency) => new(
        price.Id,
        price.ProductId ?? product?.Id,
        price.Name ?? product?.Name ?? price.Description,
        quantity,
        price.UnitPrice is { } unit ? new Money(unit.ToMinorUnits(), unit.CurrencyCode) : new Money(0, currency ?? "USD"),
        price.BillingCycle is { } cycle ? IntervalOf(cycle.Interval) : null,
        price.BillingCycle?.Frequency);

    private static BillingInterval? IntervalOf(string interval) => interval switch
    {
        "day" => BillingInterval.Day,
        "week" => BillingInterval.Week,
        "month" => BillingInterval.Month,
        "year" => BillingInterval.Year,
        _ => null,
    };

    private static TransactionTotals ToTotals(PaddleTotals? totals)
    {
        if (totals is null)
        {
            return TransactionTotals.None;
        }

        var (tax, total, grandTotal) = (Minor(totals.Tax), Minor(totals.Total), Minor(totals.GrandTotal ?? totals.Total));
        return new TransactionTotals(
            Minor(totals.Subtotal),
            Minor(totals.Discount),
            tax,
            total,
            Minor(totals.Credit),
            Minor(totals.CreditToBalance),
            Minor(totals.Balance),
            grandTotal,
            totals.GrandTotalTax is { } grandTotalTax ? Minor(grandTotalTax) : TransactionTotals.ShareOfTax(tax, total, grandTotal),
            totals.Fee is { } fee ? Minor(fee) : null,
            totals.Earnings is { } earnings ? Minor(earnings) : null);
    }

    private static long Minor(string? amount) => amount is null ? 0 : PaddleAmount.ToMinorUnits(amount);

    private static bool IsFailed(PaddlePayment payment) => payment.Status == "error";

    // An attempt without an id is told apart by its moment.
    private static string AttemptOf(PaddleTransaction entity, PaddlePayment payment) =>
        payment.PaymentAttemptId ?? FormattableString.Invariant($"{entity.Id}:{payment.CreatedAt?.UtcDateTime:yyyyMMddHHmmssffffff}");
}
