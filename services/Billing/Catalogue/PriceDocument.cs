using System.Text.RegularExpressions;
using BotGeneric.Billing.Domain;

namespace BotGeneric.Billing.Catalogue;

/// <summary>What a plan costs for one billing cycle and currency.</summary>
public sealed partial record PriceDocument
{
    private const int MaximumFrequency = 100;

    /// <summary>The unit of the billing cycle; a month by default.</summary>
    public BillingInterval Interval { get; init; } = BillingInterval.Month;

    /// <summary>How many units make a cycle, 1 to 100; 1 by default.</summary>
    public int Frequency { get; init; } = 1;

    /// <summary>What a cycle costs, more than 0, with at most as many decimals as the currency has, such as 9.99.</summary>
    public decimal Amount { get; init; }

    /// <summary>ISO 4217, three capital letters.</summary>
    public string Currency { get; init; } = string.Empty;

    /// <summary>What it costs in certain countries, in their currency.</summary>
    public IReadOnlyList<PriceOverrideDocument> Overrides { get; init; } = [];

    /// <summary>Paddle's price, <c>pri_…</c>, when it exists there already; without it the price is created there when the plan is pushed.</summary>
    public string? PaddlePriceId { get; init; }

    internal PriceTerms ToTerms(CurrencyTable currencies) => new(
        Interval,
        Frequency,
        Money.FromDecimal(Amount, Currency, currencies) ?? throw new InvalidOperationException("The price was not validated."),
        [.. Overrides.Select(entry => entry.ToOverride(currencies))]);

    internal void Validate(string field, CurrencyTable currencies, Dictionary<string, string[]> errors)
    {
        if (!Enum.IsDefined(Interval) || Frequency is < 1 or > MaximumFrequency)
        {
            errors[$"{field}.frequency"] = [$"Use 1 to {MaximumFrequency} days, weeks, months or years."];
        }

        ValidateAmount(field, Amount, Currency, currencies, errors);
        for (var index = 0; index < Overrides.Count; index++)
        {
            if (Overrides[index] is not { Countries: not null } entry)
            {
                errors[$"{field}.overrides[{index}]"] = ["Send countries, amount and currency."];
                return;
            }

            ValidateAmount($"{field}.overrides[{index}]", entry.Amount, entry.Currency, currencies, errors);
            if (entry.Countries.Count == 0 || entry.Countries.Any(country => country is null || !CountryFormat().IsMatch(country)))
            {
                errors[$"{field}.overrides[{index}].countries"] = ["Send ISO 3166-1 codes, such as DE."];
            }
        }

        if (Overrides.SelectMany(entry => entry.Countries).GroupBy(country => country, StringComparer.Ordinal).Any(group => group.Count() > 1))
        {
            errors[$"{field}.overrides"] = ["Name each country once."];
        }

        if (PaddlePriceId is not null && !PriceIdFormat().IsMatch(PaddlePriceId))
        {
            errors[$"{field}.paddlePriceId"] = ["Send one of Paddle's price ids, such as pri_01h1vjes1y163xfj1rh1tkfb65."];
        }
    }

    private static void ValidateAmount(string field, decimal amount, string currency, CurrencyTable currencies, Dictionary<string, string[]> errors)
    {
        if (currency is null || !CurrencyFormat().IsMatch(currency))
        {
            errors[$"{field}.currency"] = ["Use an ISO 4217 code, such as USD."];
        }
        else if (amount <= 0 || Money.FromDecimal(amount, currency, currencies) is null)
        {
            errors[$"{field}.amount"] = [$"Use more than 0 with at most {currencies.DecimalPlaces(currency)} decimals."];
        }
    }

    [GeneratedRegex("^[A-Z]{3}$", RegexOptions.CultureInvariant)]
    private static partial Regex CurrencyFormat();

    [GeneratedRegex("^[A-Z]{2}$", RegexOptions.CultureInvariant)]
    private static partial Regex CountryFormat();

    [GeneratedRegex("^pri_[a-z0-9]{1,90}$", RegexOptions.CultureInvariant)]
    private static partial Regex PriceIdFormat();
}

/// <summary>What a price is in some countries.</summary>
public sealed record PriceOverrideDocument
{
    /// <summary>ISO 3166-1 codes, two capital letters.</summary>
    public IReadOnlyList<string> Countries { get; init; } = [];

    /// <summary>What a cycle costs there.</summary>
    public decimal Amount { get; init; }

    /// <summary>ISO 4217.</summary>
    public string Currency { get; init; } = string.Empty;

    internal PriceOverride ToOverride(CurrencyTable currencies) => new(
        [.. Countries], Money.FromDecimal(Amount, Currency, currencies) ?? throw new InvalidOperationException("The price was not validated."));
}
