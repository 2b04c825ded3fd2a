using BotGeneric.Simulators.Paddle.State;
using BotGeneric.Simulators.Paddle.Transactions;

namespace BotGeneric.Simulators.Paddle.Adjustments;

/// <summary>Money that goes back.</summary>
internal sealed class Adjustment : IEntity
{
    public required string Id { get; init; }

    public required string Action { get; init; }

    public required string Type { get; init; }

    public required string TransactionId { get; init; }

    public string? SubscriptionId { get; init; }

    public required string CustomerId { get; init; }

    public required string Reason { get; init; }

    public bool? CreditAppliedToBalance { get; init; }

    public required string CurrencyCode { get; init; }

    public required string Status { get; set; }

    public IReadOnlyList<AdjustmentItem> Items { get; init; } = [];

    public required AdjustmentTotals Totals { get; init; }

    public AdjustmentTotals? PayoutTotals { get; init; }

    public IReadOnlyList<TaxRateUsed> TaxRatesUsed { get; init; } = [];

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>When Paddle decides about it; null when it has.</summary>
    [NotShown]
    public DateTimeOffset? DecidedAt { get; set; }

    /// <summary>What Paddle decides then.</summary>
    [NotShown]
    public string Decision { get; set; } = Statuses.Approved;
}

/// <summary>What goes back for a line.</summary>
internal sealed record AdjustmentItem(string Id, string ItemId, string Type, string Amount, ProrationPart? Proration, AdjustmentItemTotals Totals);

/// <summary>Its sums.</summary>
internal sealed record AdjustmentItemTotals(string Subtotal, string Tax, string Total);

/// <summary>The sums of an adjustment.</summary>
internal sealed record AdjustmentTotals(string Subtotal, string Tax, string Total, string Fee, string RetainedFee, string Earnings, string CurrencyCode);
