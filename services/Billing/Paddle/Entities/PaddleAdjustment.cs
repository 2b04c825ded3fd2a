using System.Diagnostics.CodeAnalysis;

namespace BotGeneric.Billing.Paddle;

/// <summary>A refund, credit or chargeback. What it means follows from action and status together, never from the event's name.</summary>
public sealed record PaddleAdjustment
{
    /// <summary><c>adj_…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>One of <see cref="PaddleAdjustmentActions"/>, or what Paddle adds one day.</summary>
    public required string Action { get; init; }

    /// <summary><c>full</c> or <c>partial</c>; absent in what is older than the distinction.</summary>
    public string? Type { get; init; }

    /// <summary><c>txn_…</c>.</summary>
    public required string TransactionId { get; init; }

    /// <summary><c>sub_…</c>, when the transaction was a subscription's.</summary>
    public string? SubscriptionId { get; init; }

    /// <summary><c>ctm_…</c>.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Why, as whoever made it wrote it.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether a credit went to the buyer's balance; null for other actions.</summary>
    public bool? CreditAppliedToBalance { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string CurrencyCode { get; init; }

    /// <summary>One of <see cref="PaddleAdjustmentStatuses"/>, or what Paddle adds one day.</summary>
    public required string Status { get; init; }

    /// <summary>What is adjusted, line by line.</summary>
    [AllowNull]
    public IReadOnlyList<PaddleAdjustmentItem> Items { get; init => field = value ?? []; } = [];

    /// <summary>Sums, positive also for a refund.</summary>
    public PaddleTotals? Totals { get; init; }

    /// <summary>In the currency that we are paid in, which may be another one.</summary>
    public PaddleTotals? PayoutTotals { get; init; }

    /// <summary>Totals by rate of tax.</summary>
    [AllowNull]
    public IReadOnlyList<PaddleTaxRateUsed> TaxRatesUsed { get; init => field = value ?? []; } = [];

    /// <summary>When it was created.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }
}

/// <summary>A line of an adjustment.</summary>
public sealed record PaddleAdjustmentItem
{
    /// <summary><c>adjitm_…</c>.</summary>
    public string? Id { get; init; }

    /// <summary>The transaction's line, <c>txnitm_…</c>.</summary>
    public required string ItemId { get; init; }

    /// <summary><c>full</c>, <c>partial</c>, <c>tax</c> or <c>proration</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Minor units as a string; null for a full one that is not settled yet.</summary>
    public string? Amount { get; init; }

    /// <summary>The part of a period that is given back.</summary>
    public PaddleProration? Proration { get; init; }

    /// <summary>Sums of the line.</summary>
    public PaddleTotals? Totals { get; init; }
}
