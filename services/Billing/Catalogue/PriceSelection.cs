using System.Globalization;
using BotGeneric.Billing.Domain;

namespace BotGeneric.Billing.Catalogue;

/// <summary>Where a buyer is and what the buyer wants to pay in, as far as it is known.</summary>
/// <param name="Country">ISO 3166-1, two capital letters.</param>
/// <param name="Currency">ISO 4217, three capital letters.</param>
public sealed record Buyer(string? Country, string? Currency)
{
    /// <summary>Somebody of whom nothing is known.</summary>
    public static Buyer Anybody { get; } = new(null, null);

    /// <summary>Reads what a caller says of the buyer, in capitals or not.</summary>
    /// <param name="country">Two letters.</param>
    /// <param name="currency">Three letters.</param>
    /// <param name="errors">Gets what is wrong, by field.</param>
    /// <returns>The buyer.</returns>
    public static Buyer Read(string? country, string? currency, IDictionary<string, string[]> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        if (country is not null && !(country.Length == 2 && country.All(char.IsAsciiLetter)))
        {
            errors["country"] = ["Send an ISO 3166-1 code, such as DE."];
        }

        if (currency is not null && !(currency.Length == 3 && currency.All(char.IsAsciiLetter)))
        {
            errors["currency"] = ["Send an ISO 4217 code, such as EUR."];
        }

        return new Buyer(country?.ToUpperInvariant(), currency?.ToUpperInvariant());
    }

    /// <summary>What prices are looked for in: what was asked for, else what the country pays in.</summary>
    internal string? PreferredCurrency => Currency ?? CurrencyOf(Country);

    private static string? CurrencyOf(string? country)
    {
        if (country is null)
        {
            return null;
        }

        try
        {
            return new RegionInfo(country).ISOCurrencySymbol;
        }
        catch (ArgumentException)
        {
            // Two letters that are no country, or one that this system has no data of.
            return null;
        }
    }
}

/// <summary>One of a plan's prices with what a buyer pays.</summary>
/// <param name="Price">The price.</param>
/// <param name="Amount">What each cycle costs, before tax where tax is added.</param>
public sealed record PriceOffer(Price Price, Money Amount);

/// <summary>
/// Which of a plan's prices a buyer gets. The payment provider decides in the end, by the address that the buyer gives at checkout; this is the same rule
/// applied to what is known before.
/// </summary>
public static class PriceSelection
{
    /// <summary>What somebody can buy a plan for: one offer for each billing cycle, shorter ones first.</summary>
    /// <param name="plan">The plan, with its prices.</param>
    /// <param name="buyer">Who buys.</param>
    /// <param name="defaultCurrency">What is offered where nothing fits better.</param>
    /// <returns>The offers; none for a plan that is only given.</returns>
    public static IReadOnlyList<PriceOffer> Offers(Plan plan, Buyer buyer, string defaultCurrency)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return
        [
            .. plan.Prices
                .Where(price => price.ArchivedAt is null)
                .GroupBy(price => (price.Terms.Interval, price.Terms.Frequency))
                .OrderBy(cycle => DaysOf(cycle.Key.Interval, cycle.Key.Frequency))
                .Select(cycle => Choose(cycle, buyer, defaultCurrency)),
        ];
    }

    /// <summary>The price for somebody who pays in a currency already.</summary>
    /// <param name="plan">The plan, with its prices.</param>
    /// <param name="interval">The unit of the billing cycle.</param>
    /// <param name="frequency">How many units make a cycle.</param>
    /// <param name="currency">What is paid in.</param>
    /// <param name="defaultCurrency">What is taken where nothing fits.</param>
    /// <returns>The offer; null when the plan is not sold at this cycle.</returns>
    public static PriceOffer? InCurrency(Plan plan, BillingInterval interval, int frequency, string? currency, string defaultCurrency)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var alike = plan.Prices
            .Where(price => price.ArchivedAt is null && price.Terms.Interval == interval && price.Terms.Frequency == frequency)
            .OrderByDescending(price => price.Version)
            .ToList();
        if (alike.Find(price => price.Terms.UnitPrice.Currency == currency) is { } exact)
        {
            return new PriceOffer(exact, exact.Terms.UnitPrice);
        }

        foreach (var price in alike)
        {
            if (price.Terms.Overrides.FirstOrDefault(entry => entry.UnitPrice.Currency == currency) is { } abroad)
            {
                return new PriceOffer(price, abroad.UnitPrice);
            }
        }

        return alike.Count == 0 ? null : Choose(alike, new Buyer(null, currency), defaultCurrency);
    }

    /// <summary>About how many days a billing cycle has, to compare cycles with each other. Nobody is charged by it.</summary>
    /// <param name="interval">The unit.</param>
    /// <param name="frequency">How many of them.</param>
    public static decimal DaysOf(BillingInterval interval, int frequency) => frequency * interval switch
    {
        BillingInterval.Day => 1m,
        BillingInterval.Week => 7m,
        BillingInterval.Month => 365.25m / 12,
        _ => 365.25m,
    };

    // An amount for the buyer's country, else a price in the currency, else the one in the default currency.
    private static PriceOffer Choose(IEnumerable<Price> alike, Buyer buyer, string defaultCurrency)
    {
        var newestFirst = alike.OrderByDescending(price => price.Version).ThenBy(price => price.Terms.UnitPrice.Currency, StringComparer.Ordinal).ToList();
        var wanted = buyer.PreferredCurrency;
        var abroad = newestFirst
            .Select(price => (Price: price, Override: OverrideFor(price, buyer.Country)))
            .Where(pair => pair.Override is not null)
            .OrderByDescending(pair => pair.Override!.UnitPrice.Currency == wanted)
            .FirstOrDefault();
        if (abroad.Override is { } amount)
        {
            return new PriceOffer(abroad.Price, amount.UnitPrice);
        }

        var price = newestFirst.Find(candidate => candidate.Terms.UnitPrice.Currency == wanted)
            ?? newestFirst.Find(candidate => candidate.Terms.UnitPrice.Currency == defaultCurrency)
            ?? newestFirst[0];
        return new PriceOffer(price, price.Terms.UnitPrice);
    }

    private static PriceOverride? OverrideFor(Price price, string? country) => country is null
        ? null
        : price.Terms.Overrides.FirstOrDefault(entry => entry.Countries.Contains(country, StringComparer.Ordinal));
}
