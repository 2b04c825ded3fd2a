using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace BotGeneric.Billing.Paddle.Client;

/// <summary>A customer to create. Its text form says nothing about the person.</summary>
public sealed record PaddleCustomerCreation
{
    /// <summary>Where Paddle sends receipts.</summary>
    public required string Email { get; init; }

    /// <summary>The buyer's name.</summary>
    public string? Name { get; init; }

    /// <summary>The language of Paddle's mail, such as <c>en</c>.</summary>
    public string? Locale { get; init; }

    /// <summary>Anything of ours.</summary>
    public JsonObject? CustomData { get; init; }

    /// <inheritdoc />
    public override string ToString() => nameof(PaddleCustomerCreation);
}

/// <summary>A change of a customer. What is null stays as it is. Its text form says nothing about the person.</summary>
public sealed record PaddleCustomerChange
{
    /// <summary>Where Paddle sends receipts.</summary>
    public string? Email { get; init; }

    /// <summary>The buyer's name.</summary>
    public string? Name { get; init; }

    /// <summary>The language of Paddle's mail.</summary>
    public string? Locale { get; init; }

    /// <summary><c>active</c> makes an archived customer able to buy again.</summary>
    public string? Status { get; init; }

    /// <summary>Replaces what was there.</summary>
    public JsonObject? CustomData { get; init; }

    /// <inheritdoc />
    public override string ToString() => nameof(PaddleCustomerChange);
}

/// <summary>A transaction to create: a checkout.</summary>
public sealed record PaddleTransactionCreation
{
    /// <summary>1 to 100; recurring ones share billing cycle and trial.</summary>
    public required IReadOnlyList<PaddleItem> Items { get; init; }

    /// <summary><c>ctm_…</c>; null when the buyer says at checkout who it is.</summary>
    public string? CustomerId { get; init; }

    /// <summary><c>add_…</c>; only together with a customer.</summary>
    public string? AddressId { get; init; }

    /// <summary><c>dsc_…</c>.</summary>
    public string? DiscountId { get; init; }

    /// <summary>ISO 4217; by default the one of the buyer's country.</summary>
    public string? CurrencyCode { get; init; }

    /// <summary>
    /// Anything of ours; Paddle copies it to the subscription and its later transactions. A reference of ours in it is what an unknown outcome
    /// is settled by.
    /// </summary>
    public JsonObject? CustomData { get; init; }

    /// <summary>Another checkout page than the default one; its domain must be approved by Paddle.</summary>
    public PaddleCheckout? Checkout { get; init; }
}

/// <summary>A change of a transaction that nobody has paid. What is null stays as it is.</summary>
public sealed record PaddleTransactionChange
{
    /// <summary>The complete list.</summary>
    public IReadOnlyList<PaddleItem>? Items { get; init; }

    /// <summary><c>ctm_…</c>.</summary>
    public string? CustomerId { get; init; }

    /// <summary><c>add_…</c>.</summary>
    public string? AddressId { get; init; }

    /// <summary><c>dsc_…</c>.</summary>
    public string? DiscountId { get; init; }

    /// <summary>ISO 4217.</summary>
    public string? CurrencyCode { get; init; }

    /// <summary><c>canceled</c> gives it up.</summary>
    public string? Status { get; init; }

    /// <summary>Replaces what was there.</summary>
    public JsonObject? CustomData { get; init; }
}

/// <summary>A change of a subscription. What is null stays as it is.</summary>
public sealed record PaddleSubscriptionChange
{
    /// <summary>The COMPLETE list: a line that is left out is removed.</summary>
    public IReadOnlyList<PaddleItem>? Items { get; init; }

    /// <summary>One of <see cref="PaddleProrationModes"/>. Required with lines or a date: Paddle has no default.</summary>
    public string? ProrationBillingMode { get; init; }

    /// <summary><c>prevent_change</c> (Paddle's default) or <c>apply_change</c>: whether a change whose payment fails is made.</summary>
    public string? OnPaymentFailure { get; init; }

    /// <summary>When it renews next; at least 30 minutes ahead.</summary>
    public DateTimeOffset? NextBilledAt { get; init; }

    /// <summary>Replaces what was there.</summary>
    public JsonObject? CustomData { get; init; }
}

/// <summary>When to pause and for how long.</summary>
public sealed record PaddlePause
{
    /// <summary>One of <see cref="PaddleEffectiveFrom"/>; by default the end of the period.</summary>
    public string? EffectiveFrom { get; init; }

    /// <summary>When to resume; null for not by itself.</summary>
    public DateTimeOffset? ResumeAt { get; init; }

    /// <summary><c>start_new_billing_period</c> (Paddle's default) or <c>continue_existing_billing_period</c>.</summary>
    public string? OnResume { get; init; }
}

/// <summary>When to resume and on what terms.</summary>
public sealed record PaddleResume
{
    /// <summary><c>immediately</c> or a time in RFC 3339.</summary>
    public required string EffectiveFrom { get; init; }

    /// <summary><c>start_new_billing_period</c> (Paddle's default: charges at once) or <c>continue_existing_billing_period</c>.</summary>
    public string? OnResume { get; init; }
}

/// <summary>A refund. Paddle looks at it first: it counts once its adjustment is approved.</summary>
public sealed record PaddleRefund
{
    /// <summary><c>txn_…</c>, completed.</summary>
    public required string TransactionId { get; init; }

    /// <summary>Why, for Paddle and for us.</summary>
    public required string Reason { get; init; }

    /// <summary>What is given back of which line; null: everything.</summary>
    public IReadOnlyList<PaddleRefundItem>? Items { get; init; }
}

/// <summary>What is given back of a line.</summary>
/// <param name="ItemId">The transaction's line, <c>txnitm_…</c> (<c>details.line_items[].id</c>).</param>
/// <param name="Amount">Minor units; null: all of the line.</param>
public sealed record PaddleRefundItem(string ItemId, long? Amount = null);

/// <summary>What goes over the wire for a refund.</summary>
internal sealed record PaddleAdjustmentCreation(
    string Action, string Type, string TransactionId, string Reason, IReadOnlyList<PaddleAdjustmentItemCreation>? Items);

/// <summary>A line of it.</summary>
internal sealed record PaddleAdjustmentItemCreation(string ItemId, string Type, string? Amount);

/// <summary>Undoes a scheduled change. Null is the only value that Paddle takes here, so it is the one null that is written.</summary>
internal sealed record PaddleScheduledChangeRemoval
{
    /// <summary>Always null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public PaddleScheduledChange? ScheduledChange => null;
}

/// <summary>When to cancel.</summary>
internal sealed record PaddleCancellation(string EffectiveFrom);

/// <summary>Which subscriptions to make links for.</summary>
internal sealed record PaddlePortalRequest(IReadOnlyList<string> SubscriptionIds);

/// <summary>
/// A call that says nothing but its address. It has a body all the same: the runtime may repeat a POST without one by itself when a connection
/// turns out to be closed.
/// </summary>
internal sealed record PaddleNothing;
