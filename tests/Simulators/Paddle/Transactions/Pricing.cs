using System.Globalization;
using BotGeneric.Simulators.Paddle.Catalogue;
using BotGeneric.Simulators.Paddle.Money;
using BotGeneric.Simulators.Paddle.State;

namespace BotGeneric.Simulators.Paddle.Transactions;

/// <summary>What things cost somebody: currency, tax, lines, sums.</summary>
/// <param name="taxes">The rates.</param>
/// <param name="ids">Names the lines.</param>
internal sealed class Pricing(Taxes taxes, PaddleIds ids)
{
    private const decimal FeeRate = 0.05m;
    private const long FeeCents = 50;

    /// <summary>
    /// The currency that somebody pays in: the one that was asked for; else the one that all prices have for the country; else the first
    /// price's own.
    /// </summary>
    public static string CurrencyOf(IReadOnlyList<Price> prices, string? country, string? requested)
    {
        if (requested is not null)
        {
            return requested;
        }

        var currencies = prices.Select(price => Override(price, country)?.CurrencyCode).Distinct(StringComparer.Ordinal).ToArray();
        return currencies is [{ } common] ? common : prices[0].UnitPrice.CurrencyCode;
    }

    /// <summary>What one costs somewhere in a currency.</summary>
    public static long UnitAmount(Price price, string? country, string currency)
    {
        var applicable = Override(price, country)
            ?? price.UnitPriceOverrides.Select(candidate => candidate.UnitPrice).FirstOrDefault(unit => unit.CurrencyCode == currency && price.UnitPrice.CurrencyCode != currency)
            ?? price.UnitPrice;
        return Currencies.Convert(applicable.Value, applicable.CurrencyCode, currency);
    }

    public decimal RateFor(string? country) => taxes.Rate(country);

    /// <summary>Lines and sums.</summary>
    /// <param name="lines">What is charged.</param>
    /// <param name="country">Where the buyer is; null while that is not known.</param>
    /// <param name="currency">In what.</param>
    /// <param name="credit">How much is taken from the customer's credit.</param>
    /// <param name="keep">The lines of before, whose ids stay where price and kind are the same.</param>
    public TransactionDetails Compute(IReadOnlyList<LineInput> lines, string? country, string currency, long credit = 0, IReadOnlyList<LineItem>? keep = null)
    {
        var rate = taxes.Rate(country);
        var rateText = rate.ToString("0.#####", CultureInfo.InvariantCulture);
        var free = keep?.ToList() ?? [];
        var items = new List<LineItem>(lines.Count);
        long subtotal = 0, tax = 0;
        foreach (var line in lines)
        {
            var unit = UnitAmount(line.Price, country, currency);
            var lineSplit = Split(Minor.Round(unit * line.Quantity * line.Factor), rate, line.Price.TaxMode);
            var unitSplit = Split(Minor.Round(unit * line.Factor), rate, line.Price.TaxMode);
            (subtotal, tax) = (subtotal + lineSplit.Subtotal, tax + lineSplit.Tax);
            var known = free.FirstOrDefault(candidate => candidate.PriceId == line.Price.Id && (candidate.Proration is null) == (line.Proration is null));
            if (known is not null)
            {
                free.Remove(known);
            }

            items.Add(new LineItem(
                known?.Id ?? ids.New("txnitm"), line.Price.Id, line.Quantity, line.Proration, rateText,
                LineTotals.Of(unitSplit.Subtotal, unitSplit.Tax), LineTotals.Of(lineSplit.Subtotal, lineSplit.Tax), line.Product));
        }

        var total = subtotal + tax;
        var grandTotal = total - credit;
        var totals = new TransactionTotals(
            Minor.Text(subtotal), "0", Minor.Text(tax), Minor.Text(total), Minor.Text(credit), "0", Minor.Text(grandTotal), Minor.Text(grandTotal),
            Minor.Text(total == 0 ? 0 : Minor.Round((decimal)tax * grandTotal / total)), null, null, currency);
        return new TransactionDetails(
            [new TaxRateUsed(rateText, LineTotals.Of(subtotal, tax))],
            totals,
            new AdjustedTotals(totals.Subtotal, totals.Tax, totals.Total, totals.GrandTotal, "0", "0", "0", currency),
            null,
            null,
            items);
    }

    /// <summary>The sums of a transaction that has been paid: balance, fee, earnings, payout.</summary>
    public static TransactionDetails Settle(TransactionDetails details)
    {
        var totals = details.Totals;
        var (subtotal, tax, grandTotal) = (Parse(totals.Subtotal), Parse(totals.Tax), Parse(totals.GrandTotal));
        var fee = grandTotal == 0 ? 0 : Math.Min(subtotal, Minor.Round(grandTotal * FeeRate) + Currencies.Convert(FeeCents, "USD", totals.CurrencyCode));
        var settled = totals with { Balance = "0", Fee = Minor.Text(fee), Earnings = Minor.Text(grandTotal - Parse(totals.GrandTotalTax) - fee) };
        return details with
        {
            Totals = settled,
            PayoutTotals = settled,
            AdjustedTotals = details.AdjustedTotals with { Fee = settled.Fee!, Earnings = settled.Earnings! },
            AdjustedPayoutTotals = new AdjustedPayoutTotals(
                settled.Subtotal, settled.Tax, settled.Total, settled.Fee!, "0", new ChargebackFee("0", null), settled.Earnings!, settled.CurrencyCode),
        };
    }

    /// <summary>Splits an amount by a rate. Prices include the tax, but for those whose mode is external.</summary>
    public static (long Subtotal, long Tax) Split(long amount, decimal rate, string taxMode)
    {
        if (taxMode == "external")
        {
            return (amount, Minor.Round(amount * rate));
        }

        var subtotal = Minor.Round(amount / (1m + rate));
        return (subtotal, amount - subtotal);
    }

    internal static long Parse(string amount) => long.Parse(amount, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    private static MoneyAmount? Override(Price price, string? country) => country is null
        ? null
        : price.UnitPriceOverrides.FirstOrDefault(candidate => candidate.CountryCodes.Contains(country, StringComparer.Ordinal))?.UnitPrice;
}
