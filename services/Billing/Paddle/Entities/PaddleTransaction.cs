using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace BotGeneric.Billing.Paddle;

/// <summary>A transaction: a checkout, a renewal, a change or a single charge.</summary>
public sealed record PaddleTransaction
{
    /// <summary><c>txn_…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>One of <see cref="PaddleTransactionStatuses"/>, or what Paddle adds one day.</summary>
    public required string Status { get; init; }

    /// <summary><c>ctm_…</c>; null until the buyer is known.</summary>
    public string? CustomerId { get; init; }

    /// <summary><c>add_…</c>.</summary>
    public string? AddressId { get; init; }

    /// <summary><c>biz_…</c>.</summary>
    public string? BusinessId { get; init; }

    /// <summary><c>sub_…</c>; null for a first payment until it is completed.</summary>
    public string? SubscriptionId { get; init; }

    /// <summary><c>inv_…</c>.</summary>
    public string? InvoiceId { get; init; }

    /// <summary>Printed on the invoice.</summary>
    public string? InvoiceNumber { get; init; }

    /// <summary>One of <see cref="PaddleOrigins"/>, or what Paddle adds one day.</summary>
    public string? Origin { get; init; }

    /// <summary><c>automatic</c> or <c>manual</c>.</summary>
    public string? CollectionMode { get; init; }

    /// <summary><c>dsc_…</c>.</summary>
    public string? DiscountId { get; init; }

    /// <summary>How the invoice is paid; only with manual collection.</summary>
    public PaddleBillingDetails? BillingDetails { get; init; }

    /// <summary>What is paid for; null for a first payment that is not completed.</summary>
    public PaddlePeriod? BillingPeriod { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string CurrencyCode { get; init; }

    /// <summary>What is bought.</summary>
    [AllowNull]
    public IReadOnlyList<PaddleTransactionItem> Items { get; init => field = value ?? []; } = [];

    /// <summary>Totals, taxes and lines.</summary>
    public PaddleTransactionDetails? Details { get; init; }

    /// <summary>Attempts to pay, newest first.</summary>
    [AllowNull]
    public IReadOnlyList<PaddlePayment> Payments { get; init => field = value ?? []; } = [];

    /// <summary>Where it is paid.</summary>
    public PaddleCheckout? Checkout { get; init; }

    /// <summary>What our checkout attached.</summary>
    public JsonElement? CustomData { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>When it became a demand for payment.</summary>
    public DateTimeOffset? BilledAt { get; init; }

    /// <summary>When the buyer's details on the invoice were changed afterwards.</summary>
    public DateTimeOffset? RevisedAt { get; init; }
}

/// <summary>One thing that is bought.</summary>
public sealed record PaddleTransactionItem
{
    /// <summary>Its price as it was then.</summary>
    public PaddlePrice? Price { get; init; }

    /// <summary>How many.</summary>
    public int Quantity { get; init; }

    /// <summary>The part of a period that is charged, when it is not a whole one.</summary>
    public PaddleProration? Proration { get; init; }
}

/// <summary>The part of a period that is charged.</summary>
/// <param name="Rate">A decimal number in a string, such as <c>"0.62305"</c>.</param>
/// <param name="BillingPeriod">The part.</param>
public sealed record PaddleProration(string Rate, PaddlePeriod? BillingPeriod);

/// <summary>Totals, taxes and lines of a transaction.</summary>
public sealed record PaddleTransactionDetails
{
    /// <summary>What was charged.</summary>
    public PaddleTotals? Totals { get; init; }

    /// <summary>What is left after approved refunds and credits.</summary>
    public PaddleTotals? AdjustedTotals { get; init; }

    /// <summary>In the currency that we are paid in, which may be another one.</summary>
    public PaddleTotals? PayoutTotals { get; init; }

    /// <summary>In the currency that we are paid in, after approved refunds and credits.</summary>
    public PaddleTotals? AdjustedPayoutTotals { get; init; }

    /// <summary>Totals by rate of tax.</summary>
    [AllowNull]
    public IReadOnlyList<PaddleTaxRateUsed> TaxRatesUsed { get; init => field = value ?? []; } = [];

    /// <summary>The lines, each with its own totals.</summary>
    [AllowNull]
    public IReadOnlyList<PaddleLineItem> LineItems { get; init => field = value ?? []; } = [];
}

/// <summary>Sums in minor units, as strings. Which members there are depends on what is summed up.</summary>
public sealed record PaddleTotals
{
    /// <summary>Before discount and tax.</summary>
    public required string Subtotal { get; init; }

    /// <summary>What the discount takes off.</summary>
    public string? Discount { get; init; }

    /// <summary>Tax.</summary>
    public required string Tax { get; init; }

    /// <summary>Subtotal less discount plus tax.</summary>
    public required string Total { get; init; }

    /// <summary>Credit that was used.</summary>
    public string? Credit { get; init; }

    /// <summary>Credit that goes to the buyer's balance.</summary>
    public string? CreditToBalance { get; init; }

    /// <summary>What is still to be paid.</summary>
    public string? Balance { get; init; }

    /// <summary>Total less credit: what is charged.</summary>
    public string? GrandTotal { get; init; }

    /// <summary>Tax within the grand total.</summary>
    public string? GrandTotalTax { get; init; }

    /// <summary>Paddle's fee; null until it is paid.</summary>
    public string? Fee { get; init; }

    /// <summary>What is left for us; null until it is paid.</summary>
    public string? Earnings { get; init; }

    /// <summary>The part of the fee that Paddle keeps after a refund.</summary>
    public string? RetainedFee { get; init; }

    /// <summary>What a chargeback costs besides.</summary>
    public PaddleChargebackFee? ChargebackFee { get; init; }

    /// <summary>ISO 4217; absent where the transaction's own applies.</summary>
    public string? CurrencyCode { get; init; }
}

/// <summary>What a chargeback costs.</summary>
/// <param name="Amount">Minor units as a string, in the currency that we are paid in.</param>
/// <param name="Original">As the payment network charged it, when in another currency.</param>
public sealed record PaddleChargebackFee(string Amount, PaddleMoney? Original);

/// <summary>Totals for one rate of tax.</summary>
/// <param name="TaxRate">A decimal number in a string, such as <c>"0.08875"</c>.</param>
/// <param name="Totals">The totals.</param>
public sealed record PaddleTaxRateUsed(string TaxRate, PaddleTotals? Totals);

/// <summary>A line of a transaction.</summary>
public sealed record PaddleLineItem
{
    /// <summary><c>txnitm_…</c>, what a partial refund names; null in previews.</summary>
    public string? Id { get; init; }

    /// <summary><c>pri_…</c>; null in previews that show the whole price.</summary>
    public string? PriceId { get; init; }

    /// <summary>The price, in previews of prices.</summary>
    public PaddlePrice? Price { get; init; }

    /// <summary>How many.</summary>
    public int Quantity { get; init; }

    /// <summary>A decimal number in a string.</summary>
    public string? TaxRate { get; init; }

    /// <summary>For one.</summary>
    public PaddleTotals? UnitTotals { get; init; }

    /// <summary>For all of them.</summary>
    public PaddleTotals? Totals { get; init; }

    /// <summary>For one, written for people; in previews of prices.</summary>
    public PaddleFormattedTotals? FormattedUnitTotals { get; init; }

    /// <summary>For all of them, written for people; in previews of prices.</summary>
    public PaddleFormattedTotals? FormattedTotals { get; init; }

    /// <summary>The part of a period that is charged.</summary>
    public PaddleProration? Proration { get; init; }

    /// <summary>What it is.</summary>
    public PaddleProduct? Product { get; init; }
}

/// <summary>An attempt to pay.</summary>
public sealed record PaddlePayment
{
    /// <summary>Paddle's id of the attempt.</summary>
    public string? PaymentAttemptId { get; init; }

    /// <summary><c>paymtd_…</c>.</summary>
    public string? PaymentMethodId { get; init; }

    /// <summary>Minor units as a string.</summary>
    public required string Amount { get; init; }

    /// <summary><c>captured</c>, <c>error</c>, <c>action_required</c> and others; may be one that Paddle adds.</summary>
    public required string Status { get; init; }

    /// <summary>Why it failed, such as <c>declined</c>.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>How it was paid.</summary>
    public PaddleMethodDetails? MethodDetails { get; init; }

    /// <summary>When it was tried.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When the money was taken.</summary>
    public DateTimeOffset? CapturedAt { get; init; }
}

/// <summary>Where a transaction is paid.</summary>
/// <param name="Url">The checkout page; null where there is none.</param>
public sealed record PaddleCheckout(string? Url);

/// <summary>A transaction that is to come, in previews.</summary>
/// <param name="BillingPeriod">What it pays for.</param>
/// <param name="Details">Its totals and lines.</param>
public sealed record PaddleTransactionPreview(PaddlePeriod? BillingPeriod, PaddleTransactionDetails? Details);
