using System.Text.RegularExpressions;
using BotGeneric.Billing.Domain;
using BotGeneric.Contracts;
using BotGeneric.Contracts.Billing.V1;

namespace BotGeneric.Billing.Catalogue;

/// <summary>A plan as an admin or the configuration describes it.</summary>
public sealed partial record PlanDocument
{
    private const int MaximumNameLength = 100;
    private const int MaximumTextLength = 1000;
    private const int MaximumFeatures = 50;
    private const int MaximumPrices = 100;
    private const int MaximumTrialDays = 365;

    /// <summary>The name people read, 1 to 100 characters in each language.</summary>
    public TextDocument Name { get; init; } = new();

    /// <summary>A sentence or two, up to 1,000 characters in each language.</summary>
    public TextDocument? Description { get; init; }

    /// <summary>What is listed beside the price, in order; at most 50.</summary>
    public IReadOnlyList<TextDocument> Features { get; init; } = [];

    /// <summary>The limits that Policy enforces; at most one entry for a meter and window.</summary>
    public IReadOnlyList<Entitlement> Entitlements { get; init; } = [];

    /// <summary>
    /// What it is a plan of. While an account has a live paid subscription to a product, no other one to it is sold to the account. <c>main</c> by default.
    /// </summary>
    public string Product { get; init; } = Plan.DefaultProduct;

    /// <summary>Days that are free at the beginning of an account's first paid subscription to the product, 1 to 365; none by default.</summary>
    public int? TrialDays { get; init; }

    /// <summary>Who may buy it; everybody by default.</summary>
    public PlanVisibility Visibility { get; init; }

    /// <summary>Where it stands among the others, ascending; 0 by default.</summary>
    public int SortOrder { get; init; }

    /// <summary>What it costs: one price for each billing cycle and currency, at most 100. None for a plan that is only given.</summary>
    public IReadOnlyList<PriceDocument> Prices { get; init; } = [];

    internal PlanListing Listing => new(Visibility, SortOrder);

    internal PlanTerms Terms =>
        new(Product, Name.ToText(), Description?.ToText(), [.. Features.Select(feature => feature.ToText())], [.. Entitlements], TrialDays);

    /// <summary>Says what is wrong with the plan.</summary>
    /// <param name="code">Its stable name.</param>
    /// <param name="currencies">Knows how many decimals amounts have.</param>
    /// <returns>For each field at fault, what to send instead; empty when all is well.</returns>
    public Dictionary<string, string[]> Validate(string code, CurrencyTable currencies)
    {
        var errors = new Dictionary<string, string[]>();
        if (!CodeFormat().IsMatch(code))
        {
            errors["code"] = ["Use 1 to 50 lower-case letters, digits and dashes, beginning with a letter."];
        }

        if (!CodeFormat().IsMatch(Product))
        {
            errors["product"] = ["Use 1 to 50 lower-case letters, digits and dashes, beginning with a letter."];
        }

        Name.Validate("name", MaximumNameLength, errors);
        Description?.Validate("description", MaximumTextLength, errors);
        if (Features.Count > MaximumFeatures)
        {
            errors["features"] = [$"Send at most {MaximumFeatures}."];
        }

        for (var index = 0; index < Features.Count; index++)
        {
            // JSON knows null where the type does not.
            (Features[index] ?? new TextDocument()).Validate($"features[{index}]", MaximumTextLength, errors);
        }

        if (TrialDays is < 1 or > MaximumTrialDays)
        {
            errors["trialDays"] = [$"Use 1 to {MaximumTrialDays} days, or leave it out for no trial."];
        }

        ValidateEntitlements(errors);
        ValidatePrices(currencies, errors);
        return errors;
    }

    private void ValidateEntitlements(Dictionary<string, string[]> errors)
    {
        for (var index = 0; index < Entitlements.Count; index++)
        {
            var entitlement = Entitlements[index];
            if (entitlement is null || !Meters.All.Contains(entitlement.Meter) || !LimitWindows.All.Contains(entitlement.Window) || entitlement.Limit < 0)
            {
                errors[$"entitlements[{index}]"] =
                    [$"meter is one of {string.Join(", ", Meters.All)}; window is one of {string.Join(", ", LimitWindows.All)}; limit is 0 or more."];
            }
        }

        if (Entitlements.OfType<Entitlement>().DistinctBy(entitlement => (entitlement.Meter, entitlement.Window)).Count() != Entitlements.Count)
        {
            errors["entitlements"] = ["Name each meter and window once."];
        }
    }

    private void ValidatePrices(CurrencyTable currencies, Dictionary<string, string[]> errors)
    {
        if (Prices.Count > MaximumPrices)
        {
            errors["prices"] = [$"Send at most {MaximumPrices}."];
            return;
        }

        for (var index = 0; index < Prices.Count; index++)
        {
            if (Prices[index] is null)
            {
                errors[$"prices[{index}]"] = ["Send interval, amount and currency."];
                return;
            }

            Prices[index].Validate($"prices[{index}]", currencies, errors);
        }

        if (Prices.DistinctBy(price => (price.Interval, price.Frequency, price.Currency)).Count() != Prices.Count)
        {
            errors["prices"] = ["Name each billing cycle and currency once."];
        }
        else if (Prices.Where(price => price.PaddlePriceId is not null).DistinctBy(price => price.PaddlePriceId).Count()
            != Prices.Count(price => price.PaddlePriceId is not null))
        {
            errors["prices"] = ["Name each of Paddle's prices once."];
        }
    }

    [GeneratedRegex("^[a-z][a-z0-9-]{0,49}$", RegexOptions.CultureInvariant)]
    private static partial Regex CodeFormat();
}

/// <summary>A text in three languages.</summary>
public sealed record TextDocument
{
    /// <summary>English; required.</summary>
    public string En { get; init; } = string.Empty;

    /// <summary>Russian; English is shown without it.</summary>
    public string? Ru { get; init; }

    /// <summary>Ukrainian; English is shown without it.</summary>
    public string? Uk { get; init; }

    internal LocalizedText ToText() => new(En, Ru, Uk);

    internal static TextDocument From(LocalizedText text) => new() { En = text.En, Ru = text.Ru, Uk = text.Uk };

    internal void Validate(string field, int maximumLength, Dictionary<string, string[]> errors)
    {
        if (string.IsNullOrWhiteSpace(En) || En.Length > maximumLength)
        {
            errors[$"{field}.en"] = [$"Use 1 to {maximumLength} characters."];
        }

        foreach (var (language, text) in new[] { ("ru", Ru), ("uk", Uk) })
        {
            if (text is not null && (string.IsNullOrWhiteSpace(text) || text.Length > maximumLength))
            {
                errors[$"{field}.{language}"] = [$"Use 1 to {maximumLength} characters, or leave it out."];
            }
        }
    }
}
