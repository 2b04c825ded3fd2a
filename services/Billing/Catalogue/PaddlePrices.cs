using System.Globalization;
using System.Text.Json;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;

namespace BotGeneric.Billing.Catalogue;

/// <summary>Something that is not here as it is at Paddle.</summary>
/// <param name="Field">What, such as <c>unitPrice</c>.</param>
/// <param name="Ours">Here.</param>
/// <param name="Theirs">There.</param>
public sealed record CatalogueDifference(string Field, string? Ours, string? Theirs);

/// <summary>Our prices in Paddle's words and the other way round.</summary>
internal static class PaddlePrices
{
    /// <summary>What is free at the beginning, as a field that differs.</summary>
    internal const string TrialPeriod = "trialPeriod";

    /// <summary>A subscription has one of a plan.</summary>
    internal static PaddleQuantityRange One { get; } = new(1, 1);

    /// <summary>What Paddle's price costs, in our words.</summary>
    /// <param name="price">The price.</param>
    /// <returns>The terms; null for what is paid once, and for what this version cannot read.</returns>
    internal static PriceTerms? Read(PaddlePrice price)
    {
        if (price is not { BillingCycle: { } cycle, UnitPrice: { } unit } || Interval(cycle.Interval) is not { } interval || Money(unit) is not { } amount)
        {
            return null;
        }

        var overrides = new List<PriceOverride>();
        foreach (var entry in price.UnitPriceOverrides)
        {
            if (Money(entry.UnitPrice) is not { } local)
            {
                return null;
            }

            overrides.Add(new PriceOverride(entry.CountryCodes, local));
        }

        return new PriceTerms(interval, cycle.Frequency, amount, overrides);
    }

    /// <summary>The length of a billing cycle.</summary>
    internal static PaddleDuration Cycle(PriceTerms terms) => new(Word(terms.Interval), terms.Frequency);

    /// <summary>The trial of a plan; null without one.</summary>
    internal static PaddleDuration? Trial(PlanTerms terms) => terms.TrialDays is { } days ? new PaddleDuration(Word(BillingInterval.Day), days) : null;

    /// <summary>An amount.</summary>
    internal static PaddleMoney Amount(Money money) => new() { Amount = PaddleAmount.FromMinorUnits(money.Minor), CurrencyCode = money.Currency };

    /// <summary>The amounts by country.</summary>
    internal static IReadOnlyList<PaddlePriceOverride> Overrides(PriceTerms terms) =>
        [.. terms.Overrides.Select(entry => new PaddlePriceOverride { CountryCodes = entry.Countries, UnitPrice = Amount(entry.UnitPrice) })];

    /// <summary>For admins at Paddle, such as <c>pro, 30.00 USD for 1 month</c>.</summary>
    internal static string Describe(string planCode, CataloguePrice sold, CurrencyTable currencies)
    {
        var terms = sold.Price.Terms;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{planCode}, {terms.UnitPrice.ToDecimal(currencies)} {terms.UnitPrice.Currency} for {terms.Frequency} {Word(terms.Interval)}{(sold.IsWithoutTrial ? ", without a trial" : string.Empty)}");
    }

    /// <summary>What differs in what is paid.</summary>
    /// <param name="sold">Our price.</param>
    /// <param name="plan">The plan's terms: the trial is a matter of the plan here, of the price there.</param>
    /// <param name="theirs">Paddle's price.</param>
    internal static IEnumerable<CatalogueDifference> Compare(CataloguePrice sold, PlanTerms plan, PaddlePrice theirs)
    {
        var ours = sold.Price.Terms;
        CatalogueDifference[] fields =
        [
            new("unitPrice", Text(ours.UnitPrice), theirs.UnitPrice is { } unit ? $"{unit.Amount} {unit.CurrencyCode}" : null),
            new("billingCycle", Text(Cycle(ours)), theirs.BillingCycle is { } cycle ? Text(cycle) : null),
            new("overrides", Text(ours.Overrides.Select(entry => (entry.Countries, Text(entry.UnitPrice)))),
                Text(theirs.UnitPriceOverrides.Select(entry => (entry.CountryCodes, $"{entry.UnitPrice.Amount} {entry.UnitPrice.CurrencyCode}")))),
            new(TrialPeriod, sold.Trial(plan) is { } trial ? Text(trial) : null, theirs.TrialPeriod is { } theirTrial ? Text(theirTrial) : null),
            new("quantity", "1-1", theirs.Quantity is { } quantity ? Text(quantity) : null),
        ];
        return fields.Where(field => field.Ours != field.Theirs);
    }

    private static string Text(Money money) => string.Create(CultureInfo.InvariantCulture, $"{money.Minor} {money.Currency}");

    private static string Text(PaddleDuration cycle) => string.Create(CultureInfo.InvariantCulture, $"{cycle.Frequency} {cycle.Interval}");

    private static string Text(PaddleTrialPeriod trial) => string.Create(CultureInfo.InvariantCulture, $"{trial.Frequency} {trial.Interval}");

    private static string Text(PaddleQuantityRange range) => string.Create(CultureInfo.InvariantCulture, $"{range.Minimum}-{range.Maximum}");

    // Neither the order of countries nor that of overrides means anything.
    private static string? Text(IEnumerable<(IReadOnlyList<string> Countries, string Amount)> overrides)
    {
        var text = string.Join(
            "; ",
            overrides
                .SelectMany(entry => entry.Countries.Select(country => (Country: country, entry.Amount)))
                .OrderBy(entry => entry.Country, StringComparer.Ordinal)
                .Select(entry => $"{entry.Country} {entry.Amount}"));
        return text.Length == 0 ? null : text;
    }

    private static Money? Money(PaddleMoney money)
    {
        try
        {
            return new Money(money.ToMinorUnits(), money.CurrencyCode);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Word(BillingInterval interval) => interval switch
    {
        BillingInterval.Day => "day",
        BillingInterval.Week => "week",
        BillingInterval.Month => "month",
        _ => "year",
    };

    private static BillingInterval? Interval(string word) => word switch
    {
        "day" => BillingInterval.Day,
        "week" => BillingInterval.Week,
        "month" => BillingInterval.Month,
        "year" => BillingInterval.Year,
        _ => null,
    };
}
