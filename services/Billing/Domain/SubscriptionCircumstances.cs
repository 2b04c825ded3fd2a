namespace BotGeneric.Billing.Domain;

/// <summary>What is known about a subscription from elsewhere than its own snapshot.</summary>
/// <param name="LastKnownStatus">The last state that the provider named and this version knows; unknown when there was none.</param>
/// <param name="PastDueSince">When the provider first said that the payment that is missing now was missing, UTC.</param>
/// <param name="Grace">How long a subscription entitles although a payment is missing.</param>
/// <param name="IsChargedBack">Whether a chargeback that was not reversed has taken money back, and nothing was paid since.</param>
/// <param name="PaidPeriodStart">The start of the last period that was paid for, or of the trial, UTC.</param>
/// <param name="PaidPeriodEnd">The end of it, exclusive, UTC.</param>
public sealed record SubscriptionCircumstances(
    SubscriptionStatus LastKnownStatus,
    DateTimeOffset? PastDueSince,
    TimeSpan Grace,
    bool IsChargedBack,
    DateTimeOffset? PaidPeriodStart,
    DateTimeOffset? PaidPeriodEnd)
{
    private const string Chargeback = "chargeback";

    // The provider's words for what changes something about a period that is paid for already, or nothing at all.
    private const string Update = "subscription_update";
    private const string Charge = "subscription_charge";
    private const string PaymentMethodChange = "subscription_payment_method_change";

    /// <summary>For a subscription of which nothing but itself is known, such as a gift.</summary>
    /// <param name="subscription">The subscription.</param>
    /// <returns>Its circumstances.</returns>
    public static SubscriptionCircumstances None(Subscription subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        return new SubscriptionCircumstances(subscription.State.Status, null, TimeSpan.Zero, IsChargedBack: false, null, null);
    }

    /// <summary>Works out the circumstances from all that was ever heard. The order in which it was heard does not matter, nor the order of the arguments.</summary>
    /// <param name="subscription">The subscription, with the latest snapshot.</param>
    /// <param name="timeline">Every snapshot of it.</param>
    /// <param name="transactions">Its transactions.</param>
    /// <param name="adjustments">What was given or taken back of them.</param>
    /// <param name="grace">How long a subscription entitles although a payment is missing.</param>
    /// <returns>The circumstances.</returns>
    public static SubscriptionCircumstances Of(
        Subscription subscription,
        IEnumerable<SubscriptionTimelineEntry> timeline,
        IReadOnlyCollection<Transaction> transactions,
        IReadOnlyCollection<Adjustment> adjustments,
        TimeSpan grace)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        ArgumentNullException.ThrowIfNull(timeline);
        ArgumentNullException.ThrowIfNull(transactions);
        ArgumentNullException.ThrowIfNull(adjustments);
        var known = timeline.Where(entry => entry.Status != SubscriptionStatus.Unknown).OrderByDescending(entry => entry.Version).ToList();
        var (start, end) = PaidPeriod(subscription.State, transactions);
        return new SubscriptionCircumstances(
            known.Count == 0 ? SubscriptionStatus.Unknown : known[0].Status,
            known.TakeWhile(entry => entry.Status == SubscriptionStatus.PastDue).LastOrDefault()?.OccurredAt,
            grace,
            IsChargedBackAfter(transactions, adjustments),
            start,
            end);
    }

    // The last period of a first payment or a renewal. What changes a subscription within a period is billed for the rest of it, which begins no period;
    // unless it is paid for longer than before, because the billing cycle is another one.
    private static (DateTimeOffset? Start, DateTimeOffset? End) PaidPeriod(SubscriptionState state, IEnumerable<Transaction> transactions)
    {
        var completed = transactions
            .Where(transaction => transaction.CompletedAt is not null && transaction.State is { PeriodStart: not null, PeriodEnd: not null })
            .Select(transaction => (transaction.State.Origin, Start: transaction.State.PeriodStart!.Value, End: transaction.State.PeriodEnd!.Value))
            .ToList();
        var periods = completed.Where(paid => paid.Origin is not (Update or Charge or PaymentMethodChange)).Select(paid => (paid.Start, paid.End)).ToList();
        if (state is { Status: SubscriptionStatus.Trialing, PeriodStart: { } trialStart, PeriodEnd: { } trialEnd })
        {
            periods.Add((trialStart, trialEnd));
        }

        var latest = periods.Count == 0 ? default((DateTimeOffset Start, DateTimeOffset End)?) : periods.Max();
        foreach (var (_, start, end) in completed.Where(paid => paid.Origin == Update).OrderBy(paid => (paid.Start, paid.End)))
        {
            if (latest is not { } held || (start >= held.Start && end > held.End))
            {
                latest = (start, end);
            }
        }

        return (latest?.Start, latest?.End);
    }

    private static bool IsChargedBackAfter(IReadOnlyCollection<Transaction> transactions, IReadOnlyCollection<Adjustment> adjustments)
    {
        var returns = AdjustmentReturns.Of(adjustments);
        var lost = adjustments
            .Where(entry => entry.State is { Action: Chargeback, Status: AdjustmentStatus.Approved } && !returns.ContainsKey(entry.PaddleId));
        foreach (var disputed in lost.GroupBy(entry => entry.State.TransactionId, StringComparer.Ordinal))
        {
            var since = disputed.Max(entry => entry.State.CreatedAt);
            // The payment itself is no new one, whenever it was heard of.
            if (!transactions.Any(paid => paid.PaddleId != disputed.Key && paid.CompletedAt > since && paid.State.Totals.GrandTotal > 0))
            {
                return true;
            }
        }

        return false;
    }
}
