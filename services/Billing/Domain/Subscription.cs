using BotGeneric.Contracts.Billing.V1;

namespace BotGeneric.Billing.Domain;

/// <summary>The local states of a subscription, in the order in which they lead to its end.</summary>
public enum SubscriptionStatus
{
    /// <summary>A state of the provider's that this version does not know; the raw value is kept.</summary>
    Unknown,

    /// <summary>In a trial period.</summary>
    Trialing,

    /// <summary>Paid and running.</summary>
    Active,

    /// <summary>A renewal was not paid; the provider is still trying.</summary>
    PastDue,

    /// <summary>Paused.</summary>
    Paused,

    /// <summary>Over for good.</summary>
    Canceled,
}

/// <summary>What an account pays for, as the payment provider last described it.</summary>
public sealed class Subscription
{
    private Subscription()
    {
    }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; private set; }

    /// <summary>Paddle's id, <c>sub_…</c>.</summary>
    public string PaddleId { get; private set; } = string.Empty;

    /// <summary>The account that it pays for. It changes only when the account becomes part of another one.</summary>
    public Guid AccountId { get; private set; }

    /// <summary>The local state.</summary>
    public SubscriptionStatus Status { get; private set; }

    /// <summary>The provider's own word for the state.</summary>
    public string RawStatus { get; private set; } = string.Empty;

    /// <summary>Whether the account may use the plan. A state this version does not know leaves it as it was.</summary>
    public bool GrantsAccess { get; private set; }

    /// <summary>The plan, or null when the price belongs to none that is known.</summary>
    public string? PlanCode { get; private set; }

    /// <summary>The version of the plan that the subscriber holds; 0 without a plan.</summary>
    public int PlanVersion { get; private set; }

    /// <summary>What the subscriber is entitled to: the plan's entitlements at <see cref="PlanVersion"/>.</summary>
    public IReadOnlyList<Entitlement> Entitlements { get; private set; } = [];

    /// <summary>Start of the current period, UTC; null while paused or canceled.</summary>
    public DateTimeOffset? CurrentPeriodStart { get; private set; }

    /// <summary>End of the current period, UTC, exclusive; null while paused or canceled.</summary>
    public DateTimeOffset? CurrentPeriodEnd { get; private set; }

    /// <summary>The provider's prices that are subscribed to, in the provider's order: the plan first, add-ons after it.</summary>
    public IReadOnlyList<string> PriceIds { get; private set; } = [];

    /// <summary>Grows by one with each change.</summary>
    public long Revision { get; private set; }

    /// <summary>The provider's time of the last event that was applied, UTC, to the microsecond.</summary>
    public DateTimeOffset LastEventAt { get; private set; }

    /// <summary>Starts to mirror a subscription. Nothing is known of it until a snapshot is applied.</summary>
    /// <param name="id">A new UUIDv7.</param>
    /// <param name="paddleId">Paddle's id.</param>
    /// <param name="accountId">The account that it pays for.</param>
    /// <returns>The subscription.</returns>
    public static Subscription Track(Guid id, string paddleId, Guid accountId) =>
        new() { Id = id, PaddleId = paddleId, AccountId = accountId, LastEventAt = DateTimeOffset.MinValue };

    /// <summary>
    /// Takes over what the provider says. Safe to repeat: a snapshot that is older than the last one changes nothing, because the provider
    /// delivers at least once and in any order. Of two snapshots of one moment the one nearer to the subscription's end holds, whichever
    /// comes first.
    /// </summary>
    /// <param name="snapshot">The provider's description.</param>
    /// <param name="plan">The plan that its price sells, if any.</param>
    /// <returns>Whether anything changed.</returns>
    public bool Apply(SubscriptionSnapshot snapshot, Plan? plan)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        // The database keeps microseconds, the provider sends up to nine digits: what is compared must be what is kept.
        var occurredAt = snapshot.OccurredAt.AddTicks(-(snapshot.OccurredAt.Ticks % TimeSpan.TicksPerMicrosecond));
        if (occurredAt < LastEventAt || (occurredAt == LastEventAt && snapshot.Status <= Status))
        {
            return false;
        }

        LastEventAt = occurredAt;
        Revision++;
        PriceIds = [.. snapshot.PriceIds];
        RawStatus = snapshot.RawStatus;
        Status = snapshot.Status;
        GrantsAccess = snapshot.Status switch
        {
            SubscriptionStatus.Trialing or SubscriptionStatus.Active or SubscriptionStatus.PastDue => true,
            SubscriptionStatus.Paused or SubscriptionStatus.Canceled => false,
            _ => GrantsAccess,
        };
        CurrentPeriodStart = snapshot.PeriodStart;
        CurrentPeriodEnd = snapshot.PeriodEnd;

        // Subscribers keep the version they bought; another plan, or the first known one, comes at its present version.
        if (PlanCode != plan?.Code)
        {
            Hold(plan);
        }

        return true;
    }

    /// <summary>
    /// Takes up the plan that a price of this subscription has come to sell. Safe to repeat: a subscription that has a plan keeps it.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <returns>Whether anything changed.</returns>
    public bool Adopt(Plan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (PlanCode is not null)
        {
            return false;
        }

        Hold(plan);
        Revision++;
        return true;
    }

    /// <summary>Pays for another account, of which the one before became part. Safe to repeat.</summary>
    /// <param name="accountId">The account.</param>
    public void MoveTo(Guid accountId)
    {
        if (AccountId != accountId)
        {
            AccountId = accountId;
            Revision++;
        }
    }

    /// <summary>The fact to tell the other services after a change.</summary>
    /// <param name="eventId">A new UUIDv7.</param>
    /// <returns>The full state.</returns>
    public SubscriptionChanged ToEvent(Guid eventId) => new()
    {
        EventId = eventId,
        OccurredAt = LastEventAt,
        SubscriptionId = Id,
        Revision = Revision,
        AccountId = AccountId,
        PlanCode = PlanCode,
        PlanVersion = PlanVersion,
        Status = Status switch
        {
            SubscriptionStatus.Trialing => SubscriptionStatuses.Trialing,
            SubscriptionStatus.Active => SubscriptionStatuses.Active,
            SubscriptionStatus.PastDue => SubscriptionStatuses.PastDue,
            SubscriptionStatus.Paused => SubscriptionStatuses.Paused,
            SubscriptionStatus.Canceled => SubscriptionStatuses.Canceled,
            _ => SubscriptionStatuses.Unknown,
        },
        GrantsAccess = GrantsAccess,
        CurrentPeriodStart = CurrentPeriodStart,
        CurrentPeriodEnd = CurrentPeriodEnd,
        Entitlements = Entitlements,
    };

    private void Hold(Plan? plan)
    {
        PlanCode = plan?.Code;
        PlanVersion = plan?.Version ?? 0;
        Entitlements = plan?.Entitlements ?? [];
    }
}

/// <summary>A subscription as the provider describes it at one moment.</summary>
/// <param name="OccurredAt">That moment, by the provider's clock, UTC.</param>
/// <param name="Status">The local state.</param>
/// <param name="RawStatus">The provider's own word.</param>
/// <param name="PriceIds">The prices that are subscribed to, in the provider's order.</param>
/// <param name="PeriodStart">Start of the current period, if there is one.</param>
/// <param name="PeriodEnd">End of the current period, if there is one.</param>
public sealed record SubscriptionSnapshot(
    DateTimeOffset OccurredAt,
    SubscriptionStatus Status,
    string RawStatus,
    IReadOnlyList<string> PriceIds,
    DateTimeOffset? PeriodStart,
    DateTimeOffset? PeriodEnd);
