using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace BotGeneric.Billing.Paddle;

/// <summary>
/// A subscription, in webhooks and in answers of the API. Links to manage it are not read: they are credentials of the buyer, and a portal
/// session makes new ones.
/// </summary>
public sealed record PaddleSubscription
{
    /// <summary><c>sub_…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>One of <see cref="PaddleSubscriptionStatuses"/>, or what Paddle adds one day.</summary>
    public required string Status { get; init; }

    /// <summary><c>ctm_…</c>.</summary>
    public required string CustomerId { get; init; }

    /// <summary><c>add_…</c>.</summary>
    public string? AddressId { get; init; }

    /// <summary><c>biz_…</c>.</summary>
    public string? BusinessId { get; init; }

    /// <summary><c>txn_…</c>, the checkout; only in <c>subscription.created</c>.</summary>
    public string? TransactionId { get; init; }

    /// <summary>ISO 4217: what it is charged in.</summary>
    public string? CurrencyCode { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>When it began.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it was charged first; after a trial later than its start.</summary>
    public DateTimeOffset? FirstBilledAt { get; init; }

    /// <summary>When it is charged next. Null while paused or canceled, and while active with a cancellation ahead.</summary>
    public DateTimeOffset? NextBilledAt { get; init; }

    /// <summary>When it was paused.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>When it was canceled.</summary>
    public DateTimeOffset? CanceledAt { get; init; }

    /// <summary>The discount that applies.</summary>
    public PaddleSubscriptionDiscount? Discount { get; init; }

    /// <summary><c>automatic</c> (a stored payment method) or <c>manual</c> (invoices).</summary>
    public string? CollectionMode { get; init; }

    /// <summary>How invoices are paid; only with manual collection.</summary>
    public PaddleBillingDetails? BillingDetails { get; init; }

    /// <summary>Null while paused or canceled.</summary>
    public PaddlePeriod? CurrentBillingPeriod { get; init; }

    /// <summary>How often it renews.</summary>
    public PaddleDuration? BillingCycle { get; init; }

    /// <summary>What happens at the end of the period.</summary>
    public PaddleScheduledChange? ScheduledChange { get; init; }

    /// <summary>What is subscribed to: a plan and, perhaps, add-ons.</summary>
    public required IReadOnlyList<PaddleSubscriptionItem> Items { get; init; }

    /// <summary>What our checkout attached.</summary>
    public JsonElement? CustomData { get; init; }

    /// <summary>Its origin, when it was migrated.</summary>
    public PaddleImportMeta? ImportMeta { get; init; }

    /// <summary>The next renewal, where it was asked for.</summary>
    public PaddleTransactionPreview? NextTransaction { get; init; }

    /// <summary>An ordinary renewal without proration and credits, where it was asked for.</summary>
    public PaddleTransactionDetails? RecurringTransactionDetails { get; init; }
}

/// <summary>One line of a subscription.</summary>
public sealed record PaddleSubscriptionItem
{
    /// <summary><c>active</c>, <c>inactive</c> or <c>trialing</c>.</summary>
    public string? Status { get; init; }

    /// <summary>How many.</summary>
    public int Quantity { get; init; }

    /// <summary>Whether it renews; false for a single charge.</summary>
    public bool Recurring { get; init; }

    /// <summary>When it was added.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>When it was charged last.</summary>
    public DateTimeOffset? PreviouslyBilledAt { get; init; }

    /// <summary>When it is charged next.</summary>
    public DateTimeOffset? NextBilledAt { get; init; }

    /// <summary>Its trial, past or present.</summary>
    public PaddlePeriod? TrialDates { get; init; }

    /// <summary>Its price.</summary>
    public required PaddlePrice Price { get; init; }

    /// <summary>Its product.</summary>
    public PaddleProduct? Product { get; init; }
}

/// <summary>A change that is due at a later time.</summary>
public sealed record PaddleScheduledChange
{
    /// <summary><c>cancel</c>, <c>pause</c> or <c>resume</c>.</summary>
    public required string Action { get; init; }

    /// <summary>When it takes effect.</summary>
    public required DateTimeOffset EffectiveAt { get; init; }

    /// <summary>When a pause will end; null for a pause without an end, and for other changes.</summary>
    public DateTimeOffset? ResumeAt { get; init; }
}

/// <summary>A discount on a subscription.</summary>
/// <param name="Id"><c>dsc_…</c>.</param>
/// <param name="StartsAt">When it applies first.</param>
/// <param name="EndsAt">When it ends; null for never.</param>
public sealed record PaddleSubscriptionDiscount(string Id, DateTimeOffset? StartsAt, DateTimeOffset? EndsAt);

/// <summary>How an invoice is paid.</summary>
public sealed record PaddleBillingDetails
{
    /// <summary>Whether the invoice links to a checkout.</summary>
    public bool? EnableCheckout { get; init; }

    /// <summary>Printed on the invoice.</summary>
    public string? PurchaseOrderNumber { get; init; }

    /// <summary>Printed on the invoice.</summary>
    public string? AdditionalInformation { get; init; }

    /// <summary>How long the buyer has.</summary>
    public PaddleDuration? PaymentTerms { get; init; }
}

/// <summary>What a change of a subscription would do, computed by Paddle. Never compute proration yourself.</summary>
public sealed record PaddleSubscriptionPreview
{
    /// <summary>The status after the change.</summary>
    public required string Status { get; init; }

    /// <summary>ISO 4217.</summary>
    public string? CurrencyCode { get; init; }

    /// <summary>The period after the change.</summary>
    public PaddlePeriod? CurrentBillingPeriod { get; init; }

    /// <summary>How often it renews after the change.</summary>
    public PaddleDuration? BillingCycle { get; init; }

    /// <summary>When it is charged next.</summary>
    public DateTimeOffset? NextBilledAt { get; init; }

    /// <summary>A change that is due at a later time.</summary>
    public PaddleScheduledChange? ScheduledChange { get; init; }

    /// <summary>The lines after the change.</summary>
    [AllowNull]
    public IReadOnlyList<PaddleSubscriptionItem> Items { get; init => field = value ?? []; } = [];

    /// <summary>What is charged at once; null when nothing is.</summary>
    public PaddleTransactionPreview? ImmediateTransaction { get; init; }

    /// <summary>The next renewal, with what is left to settle.</summary>
    public PaddleTransactionPreview? NextTransaction { get; init; }

    /// <summary>An ordinary renewal after that.</summary>
    public PaddleTransactionDetails? RecurringTransactionDetails { get; init; }

    /// <summary>Credit and charge of the change in one sum; null for changes without money.</summary>
    public PaddleUpdateSummary? UpdateSummary { get; init; }
}

/// <summary>Credit and charge of a change.</summary>
public sealed record PaddleUpdateSummary
{
    /// <summary>What is given back for unused time; Paddle may write it as a negative amount.</summary>
    public required PaddleMoney Credit { get; init; }

    /// <summary>What the change costs.</summary>
    public required PaddleMoney Charge { get; init; }

    /// <summary>The difference.</summary>
    public required PaddleUpdateResult Result { get; init; }
}

/// <summary>The difference of credit and charge.</summary>
/// <param name="Action"><c>charge</c> or <c>credit</c>.</param>
/// <param name="Amount">Minor units as a string.</param>
/// <param name="CurrencyCode">ISO 4217.</param>
public sealed record PaddleUpdateResult(string Action, string Amount, string CurrencyCode);
