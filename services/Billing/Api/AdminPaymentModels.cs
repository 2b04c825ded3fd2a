using BotGeneric.Billing.Domain;

namespace BotGeneric.Billing.Api;

/// <summary>A payment, or an attempt to get one.</summary>
/// <param name="Id">Paddle's id.</param>
/// <param name="AccountId">The account that pays, when it is known.</param>
/// <param name="CustomerId">Paddle's payer.</param>
/// <param name="SubscriptionPaddleId">Paddle's subscription.</param>
/// <param name="Status">The local state.</param>
/// <param name="RawStatus">Paddle's own word.</param>
/// <param name="Origin">Paddle's word for what made it.</param>
/// <param name="Total">With discount and tax.</param>
/// <param name="Tax">Tax.</param>
/// <param name="Paid">To be paid or paid after credit.</param>
/// <param name="Balance">Still to be paid.</param>
/// <param name="PeriodStart">Start of the period that it pays for, UTC.</param>
/// <param name="PeriodEnd">End of it, exclusive.</param>
/// <param name="InvoiceNumber">The number of the invoice.</param>
/// <param name="CreatedAt">When it was begun, UTC.</param>
/// <param name="BilledAt">When it was billed, UTC.</param>
/// <param name="CompletedAt">When it was completed, UTC.</param>
/// <param name="PaymentErrorCode">Why the last attempt failed.</param>
public sealed record AdminTransaction(
    string Id,
    Guid? AccountId,
    string? CustomerId,
    string? SubscriptionPaddleId,
    TransactionStatus Status,
    string RawStatus,
    string Origin,
    MoneyAmount Total,
    MoneyAmount Tax,
    MoneyAmount Paid,
    MoneyAmount Balance,
    DateTimeOffset? PeriodStart,
    DateTimeOffset? PeriodEnd,
    string? InvoiceNumber,
    DateTimeOffset CreatedAt,
    DateTimeOffset? BilledAt,
    DateTimeOffset? CompletedAt,
    string? PaymentErrorCode)
{
    internal static AdminTransaction From(Transaction transaction, CurrencyTable currencies)
    {
        var state = transaction.State;
        return new AdminTransaction(
            transaction.PaddleId,
            transaction.AccountId,
            state.CustomerId,
            state.SubscriptionId,
            state.Status,
            state.RawStatus,
            state.Origin,
            MoneyAmount.Of(state.Totals.Total, state.Currency, currencies),
            MoneyAmount.Of(state.Totals.Tax, state.Currency, currencies),
            MoneyAmount.Of(state.Totals.GrandTotal, state.Currency, currencies),
            MoneyAmount.Of(state.Totals.Balance, state.Currency, currencies),
            state.PeriodStart,
            state.PeriodEnd,
            state.InvoiceNumber,
            state.CreatedAt,
            state.BilledAt,
            transaction.CompletedAt,
            state.PaymentErrorCode);
    }
}

/// <summary>Money given back or taken back.</summary>
/// <param name="Id">Paddle's id.</param>
/// <param name="TransactionId">Of what.</param>
/// <param name="AccountId">The account that had paid, when it is known.</param>
/// <param name="CustomerId">Paddle's payer.</param>
/// <param name="SubscriptionPaddleId">Paddle's subscription.</param>
/// <param name="Action">Paddle's word: <c>refund</c>, <c>credit</c>, <c>chargeback</c>…</param>
/// <param name="Type"><c>full</c> or <c>partial</c>.</param>
/// <param name="Status">The local state. Nothing was given back before it is approved.</param>
/// <param name="RawStatus">Paddle's own word.</param>
/// <param name="Reason">Why, as it was given.</param>
/// <param name="Total">With tax.</param>
/// <param name="Tax">Tax.</param>
/// <param name="CreatedAt">When it was begun, UTC.</param>
public sealed record AdminAdjustment(
    string Id,
    string TransactionId,
    Guid? AccountId,
    string CustomerId,
    string? SubscriptionPaddleId,
    string Action,
    string Type,
    AdjustmentStatus Status,
    string RawStatus,
    string? Reason,
    MoneyAmount Total,
    MoneyAmount Tax,
    DateTimeOffset CreatedAt)
{
    internal static AdminAdjustment From(Adjustment adjustment, CurrencyTable currencies)
    {
        var state = adjustment.State;
        return new AdminAdjustment(
            adjustment.PaddleId,
            state.TransactionId,
            adjustment.AccountId,
            state.CustomerId,
            state.SubscriptionId,
            state.Action,
            state.Type,
            state.Status,
            state.RawStatus,
            state.Reason,
            MoneyAmount.Of(state.Total, state.Currency, currencies),
            MoneyAmount.Of(state.Tax, state.Currency, currencies),
            state.CreatedAt);
    }
}

/// <summary>What a month brought in one currency.</summary>
/// <param name="Month">Its first day, UTC.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Payments">How many transactions were paid.</param>
/// <param name="Gross">What was paid, with tax, after discounts and credit.</param>
/// <param name="Tax">The tax in it.</param>
/// <param name="Refunds">What was given back or taken back in that month, with tax: approved refunds, and chargebacks that were not reversed.</param>
/// <param name="RefundedTax">The tax in that.</param>
/// <param name="Net">Gross without tax, less refunds without tax.</param>
public sealed record MonthlyRevenue(
    DateOnly Month, string Currency, int Payments, string Gross, string Tax, string Refunds, string RefundedTax, string Net);

/// <summary>Revenue by month and currency.</summary>
/// <param name="Items">The latest month first. Currencies are never added together.</param>
public sealed record RevenueReport(IReadOnlyList<MonthlyRevenue> Items);
