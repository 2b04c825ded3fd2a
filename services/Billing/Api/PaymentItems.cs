using BotGeneric.Billing.Domain;

namespace BotGeneric.Billing.Api;

/// <summary>A payment, or a demand for one. Amounts are exact; times are UTC.</summary>
/// <param name="Id">The payment provider's id.</param>
/// <param name="Status"><c>billed</c> and <c>pastDue</c> have to be paid; <c>paid</c> and <c>completed</c> are.</param>
/// <param name="Origin">The payment provider's word for what made it: <c>api</c> and <c>web</c> (bought), <c>subscription_recurring</c> (renewed), <c>subscription_update</c> (changed)…</param>
/// <param name="SubscriptionId">The subscription that it pays for; null when there is none, or it is not known yet.</param>
/// <param name="Items">What is paid for.</param>
/// <param name="Subtotal">Before discount and tax.</param>
/// <param name="Discount">Taken off.</param>
/// <param name="Tax">Tax.</param>
/// <param name="Total">With discount and tax.</param>
/// <param name="Credit">Paid from credit.</param>
/// <param name="GrandTotal">Paid, or to be paid, after credit.</param>
/// <param name="Refunded">What was given back, approved only.</param>
/// <param name="Adjustments">What was given or taken back, also what is not decided, oldest first.</param>
/// <param name="PeriodStart">Start of the period that it pays for.</param>
/// <param name="PeriodEnd">End of it, exclusive.</param>
/// <param name="InvoiceNumber">The number of the invoice; null until there is one.</param>
/// <param name="HasReceipt">Whether the invoice can be read.</param>
/// <param name="CreatedAt">When it was begun.</param>
/// <param name="BilledAt">When it became a demand for payment.</param>
/// <param name="CompletedAt">When it was paid and done.</param>
public sealed record PaymentView(
    string Id,
    TransactionStatus Status,
    string Origin,
    Guid? SubscriptionId,
    IReadOnlyList<PaymentItem> Items,
    MoneyAmount Subtotal,
    MoneyAmount Discount,
    MoneyAmount Tax,
    MoneyAmount Total,
    MoneyAmount Credit,
    MoneyAmount GrandTotal,
    MoneyAmount Refunded,
    IReadOnlyList<PaymentAdjustment> Adjustments,
    DateTimeOffset? PeriodStart,
    DateTimeOffset? PeriodEnd,
    string? InvoiceNumber,
    bool HasReceipt,
    DateTimeOffset CreatedAt,
    DateTimeOffset? BilledAt,
    DateTimeOffset? CompletedAt)
{
    internal static PaymentView From(
        Transaction payment, Guid? subscriptionId, bool hasReceipt, IEnumerable<Adjustment> adjustments, CurrencyTable currencies)
    {
        var (state, totals) = (payment.State, payment.State.Totals);
        var ordered = adjustments.OrderBy(row => row.State.CreatedAt).ThenBy(row => row.PaddleId, StringComparer.Ordinal).ToList();
        return new PaymentView(
            payment.PaddleId,
            state.Status,
            state.Origin,
            subscriptionId,
            [.. state.Items.Select(item => new PaymentItem(item.Name, item.Quantity, MoneyAmount.Of(item.UnitPrice, currencies)))],
            Amount(totals.Subtotal),
            Amount(totals.Discount),
            Amount(totals.Tax),
            Amount(totals.Total),
            Amount(totals.Credit),
            Amount(totals.GrandTotal),
            Amount(GivenBack(ordered)),
            [.. ordered.Where(row => row.State.Status != AdjustmentStatus.Unknown).Select(row => PaymentAdjustment.From(row, currencies))],
            state.PeriodStart,
            state.PeriodEnd,
            state.InvoiceNumber,
            hasReceipt,
            state.CreatedAt,
            state.BilledAt,
            payment.CompletedAt);

        MoneyAmount Amount(long minor) => MoneyAmount.Of(minor, state.Currency, currencies);
    }

    // A credit lowers what is to be paid and gives nothing back; a warning announces and takes nothing.
    private static long GivenBack(List<Adjustment> adjustments)
    {
        var returns = AdjustmentReturns.Of(adjustments);
        return adjustments
            .Where(row => row.State is { Status: AdjustmentStatus.Approved, Action: "refund" or "chargeback" })
            .Sum(row => Math.Abs(row.State.Total) - returns.GetValueOrDefault(row.PaddleId, AdjustmentReturn.Nothing).Total);
    }
}

/// <summary>One thing that is paid for.</summary>
/// <param name="Name">What it is called; null when the payment provider does not say.</param>
/// <param name="Quantity">How many.</param>
/// <param name="UnitPrice">What one costs for a whole period, as the catalogue had it then.</param>
public sealed record PaymentItem(string? Name, int Quantity, MoneyAmount UnitPrice);

/// <summary>What was given or taken back after a payment.</summary>
/// <param name="Action">The payment provider's word: <c>refund</c>, <c>credit</c>, <c>chargeback</c>, or the reverse of one.</param>
/// <param name="Status">Whether it is decided.</param>
/// <param name="Total">How much, with tax.</param>
/// <param name="CreatedAt">When it was begun, UTC.</param>
public sealed record PaymentAdjustment(string Action, AdjustmentStatus Status, MoneyAmount Total, DateTimeOffset CreatedAt)
{
    internal static PaymentAdjustment From(Adjustment adjustment, CurrencyTable currencies) => new(
        adjustment.State.Action,
        adjustment.State.Status,
        MoneyAmount.Of(adjustment.State.Total, adjustment.State.Currency, currencies),
        adjustment.State.CreatedAt);
}

/// <summary>Where an invoice can be read, for about an hour.</summary>
/// <param name="Url">The document. For the payer alone: it is neither to be stored nor passed on.</param>
public sealed record ReceiptLink(string Url)
{
    /// <inheritdoc />
    public override string ToString() => nameof(ReceiptLink);
}

/// <summary>Saved ways to pay.</summary>
/// <param name="Items">All of them.</param>
public sealed record PaymentMethodList(IReadOnlyList<PaymentMethodView> Items);

/// <summary>A saved way to pay. Numbers are never here.</summary>
/// <param name="Id">The payment provider's id.</param>
/// <param name="Type">The payment provider's word, such as <c>card</c> or <c>paypal</c>.</param>
public sealed record PaymentMethodView(string Id, string Type);
