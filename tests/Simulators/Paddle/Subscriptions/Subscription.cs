using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using BotGeneric.Simulators.Paddle.Catalogue;
using BotGeneric.Simulators.Paddle.Money;
using BotGeneric.Simulators.Paddle.State;
using BotGeneric.Simulators.Paddle.Transactions;

namespace BotGeneric.Simulators.Paddle.Subscriptions;

/// <summary>What is paid again and again.</summary>
internal sealed class Subscription : IEntity
{
    public required string Id { get; init; }

    public required string Status { get; set; }

    public required string CustomerId { get; init; }

    public required string AddressId { get; init; }

    public string? BusinessId { get; init; }

    public required string CurrencyCode { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; set; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FirstBilledAt { get; set; }

    public DateTimeOffset? NextBilledAt { get; set; }

    public DateTimeOffset? PausedAt { get; set; }

    public DateTimeOffset? CanceledAt { get; set; }

    public JsonObject? Discount { get; init; }

    public string CollectionMode { get; init; } = "automatic";

    public JsonObject? BillingDetails { get; init; }

    public BillingPeriod? CurrentBillingPeriod { get; set; }

    public required TimePeriod BillingCycle { get; set; }

    public ScheduledChange? ScheduledChange { get; set; }

    public IReadOnlyList<SubscriptionItem> Items { get; set; } = [];

    public JsonObject? CustomData { get; set; }

    public JsonObject? ImportMeta { get; init; }

    /// <summary>Where the buyer is: decides tax and country prices.</summary>
    [NotShown]
    public string Country { get; init; } = string.Empty;

    /// <summary>The day of the month of the first bill.</summary>
    [NotShown]
    public int AnchorDay { get; set; }

    /// <summary>The period that a pause interrupted.</summary>
    [NotShown]
    public BillingPeriod? InterruptedPeriod { get; set; }

    /// <summary>What starts at the end of a scheduled or running pause.</summary>
    [NotShown]
    public string OnResume { get; set; } = ResumeModes.StartNewBillingPeriod;

    /// <summary>The unpaid bill; null while there is none.</summary>
    [NotShown]
    public Dunning? Dunning { get; set; }

    /// <summary>What changes put onto the next bill.</summary>
    [NotShown]
    public List<LineInput> NextBillLines { get; init; } = [];

    /// <summary>When it was charged outside of its renewals: there is a limit per hour and per day.</summary>
    [NotShown]
    public List<DateTimeOffset> ImmediateCharges { get; init; } = [];

    /// <summary>The lock that a test put on; null for none.</summary>
    [NotShown]
    public string? Lock { get; set; }

    [JsonIgnore]
    public bool IsLive => Status != Statuses.Canceled;
}

/// <summary>An item of a subscription.</summary>
internal sealed record SubscriptionItem(
    string Status,
    int Quantity,
    bool Recurring,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? PreviouslyBilledAt,
    DateTimeOffset? NextBilledAt,
    BillingPeriod? TrialDates,
    Price Price,
    Product Product);

/// <summary>What will happen to a subscription.</summary>
/// <param name="Action"><c>cancel</c>, <c>pause</c> or <c>resume</c>.</param>
/// <param name="EffectiveAt">When.</param>
/// <param name="ResumeAt">When a pause ends again.</param>
internal sealed record ScheduledChange(string Action, DateTimeOffset EffectiveAt, DateTimeOffset? ResumeAt);

/// <summary>A bill that could not be collected.</summary>
/// <param name="TransactionId">The bill.</param>
/// <param name="Since">When it first failed.</param>
/// <param name="Retries">How often it was tried again.</param>
internal sealed record Dunning(string TransactionId, DateTimeOffset Since, int Retries)
{
    // Without Retain Paddle documents up to 7 retries within 30 days, and not their days.
    private static readonly int[] RetryDays = [1, 3, 6, 10, 15, 21, 28];
    private const int LastDay = 30;

    /// <summary>When it is tried again, or given up.</summary>
    public DateTimeOffset NextAt => Since.AddDays(IsExhausted ? LastDay : RetryDays[Retries]);

    public bool IsExhausted => Retries >= RetryDays.Length;
}

/// <summary>What a resumed subscription starts with.</summary>
internal static class ResumeModes
{
    public const string StartNewBillingPeriod = "start_new_billing_period";
    public const string ContinueExistingBillingPeriod = "continue_existing_billing_period";
}
