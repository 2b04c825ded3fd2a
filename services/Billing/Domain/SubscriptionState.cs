namespace BotGeneric.Billing.Domain;

/// <summary>A subscription as the provider describes it at one moment. Times are UTC.</summary>
/// <param name="Status">The local state.</param>
/// <param name="RawStatus">The provider's own word.</param>
/// <param name="Currency">The currency that is paid in; null for what is not paid.</param>
/// <param name="CollectionMode">The provider's word: <c>automatic</c> or <c>manual</c>; null for what is not paid.</param>
/// <param name="Items">What is subscribed to, in the provider's order.</param>
/// <param name="StartedAt">Since when it runs.</param>
/// <param name="PeriodStart">Start of the current period; null while paused or canceled.</param>
/// <param name="PeriodEnd">End of the current period, exclusive; null while paused or canceled.</param>
/// <param name="NextBilledAt">When the next payment is due as far as the provider says; null when none is. See <see cref="FindNextPayment"/>.</param>
/// <param name="TrialEndsAt">When the trial ends; null outside of one.</param>
/// <param name="PausedAt">Since when it is paused.</param>
/// <param name="CanceledAt">Since when it is over.</param>
/// <param name="ScheduledChange">What will happen by itself at the end of the period, if anything.</param>
public sealed record SubscriptionState(
    SubscriptionStatus Status,
    string RawStatus,
    string? Currency,
    string? CollectionMode,
    IReadOnlyList<SubscriptionItem> Items,
    DateTimeOffset? StartedAt,
    DateTimeOffset? PeriodStart,
    DateTimeOffset? PeriodEnd,
    DateTimeOffset? NextBilledAt,
    DateTimeOffset? TrialEndsAt,
    DateTimeOffset? PausedAt,
    DateTimeOffset? CanceledAt,
    ScheduledChange? ScheduledChange)
{
    private const string Cancel = "cancel";
    private const string Pause = "pause";

    /// <summary>When somebody pays next. The provider may go on to name a day on which a pause or the end comes first.</summary>
    /// <returns>UTC; null when nothing will be paid.</returns>
    public DateTimeOffset? FindNextPayment() =>
        ScheduledChange is { Action: Cancel or Pause } ahead && ahead.EffectiveAt <= NextBilledAt ? null : NextBilledAt;

    /// <summary>What is known before the first snapshot.</summary>
    public static SubscriptionState Unknown { get; } =
        new(SubscriptionStatus.Unknown, string.Empty, null, null, [], null, null, null, null, null, null, null, null);
}

/// <summary>A line of a subscription or a transaction.</summary>
/// <param name="PriceId">The provider's price, <c>pri_…</c>.</param>
/// <param name="ProductId">The provider's product, <c>pro_…</c>.</param>
/// <param name="Name">What the provider calls it; null when it says nothing.</param>
/// <param name="Quantity">How many.</param>
/// <param name="UnitPrice">What one costs, as it was when the line was added.</param>
/// <param name="Interval">The unit of the billing cycle; null for what is paid once.</param>
/// <param name="Frequency">How many units make a cycle; null for what is paid once.</param>
public sealed record SubscriptionItem(
    string PriceId, string? ProductId, string? Name, int Quantity, Money UnitPrice, BillingInterval? Interval, int? Frequency);

/// <summary>What will happen to a subscription by itself.</summary>
/// <param name="Action">The provider's word: <c>cancel</c>, <c>pause</c> or <c>resume</c>.</param>
/// <param name="EffectiveAt">When, UTC.</param>
/// <param name="ResumeAt">When a pause ends by itself, UTC; null when it does not.</param>
public sealed record ScheduledChange(string Action, DateTimeOffset EffectiveAt, DateTimeOffset? ResumeAt);

/// <summary>An event about a subscription at the provider, also one that came late: its history, from which what follows is worked out in any order of arrival.</summary>
public sealed class SubscriptionTimelineEntry
{
    /// <summary>The event, or <c>reconciliation:…</c> for what was read from the provider.</summary>
    public required string EventId { get; init; }

    /// <summary>The subscription, <c>sub_…</c>.</summary>
    public required string SubscriptionPaddleId { get; init; }

    /// <summary>The provider's type, such as <c>subscription.updated</c>.</summary>
    public required string EventType { get; init; }

    /// <summary>When it happened, UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>When the subscription was changed last, UTC.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The state that it said.</summary>
    public required SubscriptionStatus Status { get; init; }

    /// <summary>When it was applied here, UTC.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>Which snapshot it was.</summary>
    public SnapshotVersion Version => new(OccurredAt, UpdatedAt, (int)Status, EventId);
}
