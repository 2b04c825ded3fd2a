namespace BotGeneric.Contracts.Billing.V1;

/// <summary>
/// A subscription's full state after a change. It is a snapshot: a consumer that has seen one of a higher
/// <see cref="Revision"/> for the same subscription drops this one.
/// </summary>
public sealed record SubscriptionChanged : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <summary>The payment provider's time of the last change it reported, UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The subscription, as this system numbers it.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>
    /// Grows with each change of the subscription, whether the provider or a plan's new terms caused it; the guard against reordering.
    /// </summary>
    public required long Revision { get; init; }

    /// <summary>The account (a user or an organization) that the subscription pays for.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The plan's code, or null when the subscription's price belongs to no known plan.</summary>
    public string? PlanCode { get; init; }

    /// <summary>The version of the plan that the subscriber holds; 0 without a plan.</summary>
    public int PlanVersion { get; init; }

    /// <summary>One of <see cref="SubscriptionStatuses"/>.</summary>
    public required string Status { get; init; }

    /// <summary>Whether the status entitles the account to the plan now.</summary>
    public required bool GrantsAccess { get; init; }

    /// <summary>Start of the current period, UTC, paid or not; null while paused or canceled.</summary>
    public DateTimeOffset? CurrentPeriodStart { get; init; }

    /// <summary>End of the current period, UTC, exclusive; null while paused or canceled.</summary>
    public DateTimeOffset? CurrentPeriodEnd { get; init; }

    /// <summary>
    /// Start of the last period that was paid for, UTC, or of a trial or a gift; null where nothing was paid yet. Quotas by billing period count in this one:
    /// the payment provider moves the current period on before it is paid.
    /// </summary>
    public DateTimeOffset? PaidPeriodStart { get; init; }

    /// <summary>End of the last period that was paid for, UTC, exclusive; null for a gift without an end.</summary>
    public DateTimeOffset? PaidPeriodEnd { get; init; }

    /// <summary>When the trial ends, UTC; null outside of one.</summary>
    public DateTimeOffset? TrialEndsAt { get; init; }

    /// <summary>Since when a payment is missing, by the provider's clock, UTC; null while none is.</summary>
    public DateTimeOffset? PastDueSince { get; init; }

    /// <summary>Until when the subscription entitles although a payment is missing, UTC; null while none is. Afterwards <see cref="GrantsAccess"/> is told anew.</summary>
    public DateTimeOffset? GraceEndsAt { get; init; }

    /// <summary>What will happen by itself, <c>cancel</c>, <c>pause</c> or <c>resume</c>; null when nothing will.</summary>
    public string? ScheduledAction { get; init; }

    /// <summary>When it will happen, UTC.</summary>
    public DateTimeOffset? ScheduledAt { get; init; }

    /// <summary>What the plan allows; empty without a plan.</summary>
    public required IReadOnlyList<Entitlement> Entitlements { get; init; }
}

/// <summary>One allowance of a plan: at most <paramref name="Limit"/> units of <paramref name="Meter"/> in each <paramref name="Window"/>.</summary>
/// <param name="Meter">What is counted, one of <see cref="Meters"/>.</param>
/// <param name="Window">The calendar window in UTC, one of <see cref="LimitWindows"/>.</param>
/// <param name="Limit">Units of the meter, not negative.</param>
public sealed record Entitlement(string Meter, string Window, long Limit);

/// <summary>The states of a subscription on the wire.</summary>
public static class SubscriptionStatuses
{
    /// <summary>In a trial period.</summary>
    public const string Trialing = "trialing";

    /// <summary>Paid and running.</summary>
    public const string Active = "active";

    /// <summary>A renewal was not paid; the provider is still trying.</summary>
    public const string PastDue = "past_due";

    /// <summary>Paused by the subscriber or the operator.</summary>
    public const string Paused = "paused";

    /// <summary>Over for good.</summary>
    public const string Canceled = "canceled";

    /// <summary>A state this version does not know.</summary>
    public const string Unknown = "unknown";
}
