using BotGeneric.Billing.Domain;

namespace BotGeneric.Billing.Subscriptions;

/// <summary>
/// Works out what a subscription costs for each cycle. The provider says of a price what it costs where no country has an amount of its own, and not which country the
/// buyer is in: where several amounts are possible, the last payment for a whole period says which one it is.
/// </summary>
internal static class RecurringPrice
{
    // Beyond this nobody would be told apart by a payment.
    private const int MaximumSums = 1000;

    /// <summary>The sums that are possible for each cycle.</summary>
    /// <param name="state">The subscription.</param>
    /// <param name="prices">Our prices by the provider's id.</param>
    /// <returns>The sums in the smallest unit of the subscription's currency; none when an amount is not known.</returns>
    internal static IReadOnlyCollection<long> Candidates(SubscriptionState state, IReadOnlyDictionary<string, Price> prices)
    {
        if (state.Currency is not { } currency || state.Items.Count == 0)
        {
            return [];
        }

        HashSet<long> sums = [0];
        foreach (var item in state.Items.Where(item => item.Interval is not null))
        {
            var units = Units(item, currency, prices.GetValueOrDefault(item.PriceId));
            sums = [.. sums.SelectMany(sum => units.Select(unit => checked(sum + checked(unit * item.Quantity))))];
            if (sums.Count > MaximumSums)
            {
                return [];
            }
        }

        return sums;
    }

    /// <summary>The one of several possible sums that was paid.</summary>
    /// <param name="state">The subscription.</param>
    /// <param name="candidates">The possible sums.</param>
    /// <param name="paid">The last completed payment for a whole period; null when there is none.</param>
    /// <returns>The sum; null when the payment does not say which one it is.</returns>
    internal static long? Paid(SubscriptionState state, IReadOnlyCollection<long> candidates, TransactionState? paid)
    {
        if (paid is null || paid.Currency != state.Currency || !Recurring(paid.Items).SetEquals(Recurring(state.Items)))
        {
            return null;
        }

        // With tax in the price the total is the sum, with tax on top of it the subtotal.
        var matching = candidates.Where(sum => sum == paid.Totals.Subtotal || sum == paid.Totals.Total).Take(2).ToList();
        return matching is [var only] ? only : null;
    }

    private static HashSet<long> Units(SubscriptionItem item, string currency, Price? price)
    {
        HashSet<long> units = [.. (price?.Terms.Overrides ?? []).Where(entry => entry.UnitPrice.Currency == currency).Select(entry => entry.UnitPrice.Minor)];
        if (item.UnitPrice.Currency == currency)
        {
            units.Add(item.UnitPrice.Minor);
        }

        return units;
    }

    private static HashSet<(string PriceId, int Quantity)> Recurring(IReadOnlyList<SubscriptionItem> items) =>
        [.. items.Where(item => item.Interval is not null).Select(item => (item.PriceId, item.Quantity))];
}
