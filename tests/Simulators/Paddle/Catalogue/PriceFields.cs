using System.Text.Json.Nodes;
using BotGeneric.Simulators.Paddle.Api;
using BotGeneric.Simulators.Paddle.Money;

namespace BotGeneric.Simulators.Paddle.Catalogue;

/// <summary>What a request says about a price.</summary>
internal sealed record PriceFields(
    string? Description,
    string? Name,
    MoneyAmount? UnitPrice,
    TimePeriod? BillingCycle,
    TimePeriod? TrialPeriod,
    string? TaxMode,
    IReadOnlyList<PriceOverride>? Overrides,
    QuantityRange? Quantity,
    JsonObject? CustomData,
    bool HasBillingCycle)
{
    private static readonly string[] TaxModes = ["account_setting", "external", "internal", "location"];

    public static PriceFields Read(Fields body, bool required)
    {
        var (description, name) = (body.Text("description", 500, required), body.Text("name", 150));
        var unit = body.Amount("unit_price", required);
        var (cycle, trial) = (body.Period("billing_cycle"), body.Period("trial_period"));
        return new PriceFields(
            description, name, unit, cycle, trial, body.OneOf("tax_mode", TaxModes), ReadOverrides(body), ReadQuantity(body), body.CustomData(), body.Has("billing_cycle"));
    }

    /// <summary>What does not go together.</summary>
    /// <param name="present">The price as it is; null for a new one.</param>
    public Refusal? Refuse(Price? present)
    {
        var cycle = HasBillingCycle ? BillingCycle : present?.BillingCycle;
        if (TrialPeriod is not null && cycle is null)
        {
            return Refusal.BadRequest("price_trial_period_requires_billing_cycle", "billing_cycle is required when trial_period is set.");
        }

        var countries = Overrides?.SelectMany(candidate => candidate.CountryCodes).ToArray() ?? [];
        return countries.Distinct(StringComparer.Ordinal).Count() < countries.Length
            ? Refusal.BadRequest("price_duplicate_currency_override_for_country", "A country is in more than one override.")
            : null;
    }

    public void Apply(Price price, Fields body)
    {
        (price.Description, price.UnitPrice, price.TaxMode, price.Quantity) =
            (Description ?? price.Description, UnitPrice ?? price.UnitPrice, TaxMode ?? price.TaxMode, Quantity ?? price.Quantity);
        price.UnitPriceOverrides = Overrides ?? price.UnitPriceOverrides;
        price.Name = body.Has("name") ? Name : price.Name;
        price.BillingCycle = body.Has("billing_cycle") ? BillingCycle : price.BillingCycle;
        price.TrialPeriod = body.Has("trial_period") ? TrialPeriod : price.TrialPeriod;
        price.CustomData = body.Has("custom_data") ? CustomData : price.CustomData;
    }

    private static List<PriceOverride>? ReadOverrides(Fields body)
    {
        if (body.Objects("unit_price_overrides", 0, 250) is not { } objects)
        {
            return null;
        }

        var overrides = new List<PriceOverride>();
        foreach (var item in objects)
        {
            var (countries, unit) = (item.Texts("country_codes", 1, 250, required: true), item.Amount("unit_price", required: true));
            item.Close();
            if (countries?.All(country => country is [>= 'A' and <= 'Z', >= 'A' and <= 'Z']) == false)
            {
                item.Error("country_codes", "must be ISO 3166-1 alpha-2 codes");
            }

            if (countries is not null && unit is not null)
            {
                overrides.Add(new PriceOverride(countries, unit));
            }
        }

        return overrides;
    }

    private static QuantityRange? ReadQuantity(Fields body)
    {
        if (body.Object("quantity") is not { } range)
        {
            return null;
        }

        var (minimum, maximum) = (range.Number("minimum", 1, 999_999_999, required: true), range.Number("maximum", 1, 999_999_999, required: true));
        range.Close();
        if (minimum > maximum)
        {
            range.Error("maximum", "must not be less than minimum");
        }

        return minimum is { } from && maximum is { } to ? new QuantityRange(from, to) : null;
    }
}
