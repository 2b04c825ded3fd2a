using BotGeneric.Simulators.Paddle.Catalogue;
using BotGeneric.Simulators.Paddle.Money;

namespace BotGeneric.Simulators.Paddle.Transactions;

/// <summary>What a line is computed from.</summary>
/// <param name="Price">The price as it was when it was added.</param>
/// <param name="Product">Its product.</param>
/// <param name="Quantity">How many.</param>
/// <param name="Factor">1 for a whole period, less for a part of one, 0 during a trial, negative for a credit.</param>
/// <param name="Proration">The part of a period; null outside of a change.</param>
internal sealed record LineInput(Price Price, Product Product, int Quantity, decimal Factor = 1m, ProrationPart? Proration = null);

/// <summary>The sums of a transaction: lines add up to totals, <c>subtotal − discount + tax = total</c> everywhere.</summary>
internal sealed record TransactionDetails(
    IReadOnlyList<TaxRateUsed> TaxRatesUsed,
    TransactionTotals Totals,
    AdjustedTotals AdjustedTotals,
    TransactionTotals? PayoutTotals,
    AdjustedPayoutTotals? AdjustedPayoutTotals,
    IReadOnlyList<LineItem> LineItems)
{
    public static TransactionDetails None { get; } = new([], TransactionTotals.None, AdjustedTotals.None, null, null, []);
}

/// <summary>What one rate came to.</summary>
internal sealed record TaxRateUsed(string TaxRate, LineTotals Totals);

/// <summary>The sums of a line or of one unit.</summary>
internal sealed record LineTotals(string Subtotal, string Discount, string Tax, string Total)
{
    public static LineTotals Of(long subtotal, long tax) => new(Minor.Text(subtotal), "0", Minor.Text(tax), Minor.Text(subtotal + tax));
}

/// <summary>The sums of a transaction. Fee and earnings are known when it is completed.</summary>
internal sealed record TransactionTotals(
    string Subtotal,
    string Discount,
    string Tax,
    string Total,
    string Credit,
    string CreditToBalance,
    string Balance,
    string GrandTotal,
    string GrandTotalTax,
    string? Fee,
    string? Earnings,
    string CurrencyCode)
{
    public static TransactionTotals None { get; } = new("0", "0", "0", "0", "0", "0", "0", "0", "0", null, null, "USD");
}

/// <summary>The sums after refunds, credits and chargebacks that were approved.</summary>
internal sealed record AdjustedTotals(
    string Subtotal, string Tax, string Total, string GrandTotal, string Fee, string RetainedFee, string Earnings, string CurrencyCode)
{
    public static AdjustedTotals None { get; } = new("0", "0", "0", "0", "0", "0", "0", "USD");
}

/// <summary>The same in the currency of payouts, which is the transaction's here.</summary>
internal sealed record AdjustedPayoutTotals(
    string Subtotal, string Tax, string Total, string Fee, string RetainedFee, ChargebackFee ChargebackFee, string Earnings, string CurrencyCode);

/// <summary>What a chargeback cost.</summary>
internal sealed record ChargebackFee(string Amount, MoneyAmount? Original);

/// <summary>One line.</summary>
internal sealed record LineItem(
    string Id,
    string PriceId,
    int Quantity,
    ProrationPart? Proration,
    string TaxRate,
    LineTotals UnitTotals,
    LineTotals Totals,
    Product Product);
