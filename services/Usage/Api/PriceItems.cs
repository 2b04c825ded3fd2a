using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Prices;

namespace BotGeneric.Usage.Api;

/// <summary>The prices of a tier, each for one token, as decimal texts.</summary>
/// <param name="AboveInputTokens">The tier holds for calls with more tokens of input than this, for every token of them; 0 for the first tier.</param>
/// <param name="Input">Fresh input.</param>
/// <param name="Output">Visible output.</param>
/// <param name="CachedInput">Input from the provider's cache; null: as fresh input.</param>
/// <param name="CacheWrite">Input written to the provider's cache; null: as fresh input.</param>
/// <param name="Reasoning">Reasoning; null: as visible output.</param>
/// <param name="PerRequest">A fee for each call; null: none.</param>
public sealed record TierItem(
    long AboveInputTokens, string Input, string Output, string? CachedInput = null, string? CacheWrite = null, string? Reasoning = null, string? PerRequest = null)
{
    internal static TierItem From(PriceTier tier) => new(
        tier.AboveInputTokens, DecimalText.Write(tier.Input), DecimalText.Write(tier.Output), Write(tier.CachedInput), Write(tier.CacheWrite), Write(tier.Reasoning),
        tier.PerRequest == 0 ? null : DecimalText.Write(tier.PerRequest));

    internal PriceTier? Read(Action<string> refuse)
    {
        var (input, output, perRequest) = (Required("input", Input, refuse), Required("output", Output, refuse), Optional("perRequest", PerRequest, refuse));
        var (cached, written, reasoning) = (Optional("cachedInput", CachedInput, refuse), Optional("cacheWrite", CacheWrite, refuse), Optional("reasoning", Reasoning, refuse));
        return input is null || output is null ? null : new PriceTier
        {
            AboveInputTokens = AboveInputTokens,
            Input = input.Value,
            Output = output.Value,
            CachedInput = cached,
            CacheWrite = written,
            Reasoning = reasoning,
            PerRequest = perRequest ?? 0,
        };
    }

    private static string? Write(decimal? value) => value is { } price ? DecimalText.Write(price) : null;

    private static decimal? Optional(string field, string? text, Action<string> refuse) => text is null ? null : Required(field, text, refuse);

    private static decimal? Required(string field, string text, Action<string> refuse)
    {
        if (DecimalText.TryParse(text, out var value))
        {
            return value;
        }

        refuse(field);
        return null;
    }
}

/// <summary>A price of a model in a time.</summary>
/// <param name="Id">The price.</param>
/// <param name="Provider">The provider.</param>
/// <param name="Model">The model.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="EffectiveFrom">The first moment at which it holds, UTC.</param>
/// <param name="EffectiveTo">The first moment at which it does not hold any more, UTC; null: it holds on.</param>
/// <param name="CreatedAt">When it was entered, UTC.</param>
/// <param name="Source">Where the figures come from.</param>
/// <param name="Tiers">The prices by the size of a call's input.</param>
public sealed record PriceItem(
    Guid Id, string Provider, string Model, string Currency, DateTimeOffset EffectiveFrom, DateTimeOffset? EffectiveTo, DateTimeOffset CreatedAt, string Source,
    IReadOnlyList<TierItem> Tiers)
{
    internal static IReadOnlyList<string> Columns { get; } =
    [
        "id", "provider", "model", "currency", "effectiveFrom", "effectiveTo", "createdAt", "source", "aboveInputTokens", "input", "cachedInput", "cacheWrite", "output",
        "reasoning", "perRequest",
    ];

    internal static PriceItem From(ModelPrice price) => new(
        price.Id, price.Provider, price.Model, price.Currency, price.EffectiveFrom, price.EffectiveTo, price.CreatedAt, price.Source, [.. price.Tiers.Select(TierItem.From)]);

    internal static IEnumerable<object?[]> Lines(ModelPrice price) => price.Tiers.Select(TierItem.From).Select(tier => new object?[]
    {
        price.Id, price.Provider, price.Model, price.Currency, price.EffectiveFrom, price.EffectiveTo, price.CreatedAt, price.Source, tier.AboveInputTokens, tier.Input,
        tier.CachedInput, tier.CacheWrite, tier.Output, tier.Reasoning, tier.PerRequest,
    });
}

/// <summary>A price to add.</summary>
/// <param name="Provider">The provider, in lower case; <c>*</c> for calls that name none and for providers without a price of their own for the model.</param>
/// <param name="Model">The model as its provider spells it, or with the provider and a slash in front; <c>*</c> of the provider <c>*</c> for models without any other price.</param>
/// <param name="Source">Where the figures come from.</param>
/// <param name="Tiers">The prices by the size of a call's input, the first from 0.</param>
/// <param name="Currency">ISO 4217 code; USD by default.</param>
/// <param name="EffectiveFrom">The first moment at which it holds; now by default.</param>
/// <param name="EffectiveTo">The first moment at which it does not hold any more; none by default.</param>
public sealed record NewPrice(
    string Provider, string Model, string Source, IReadOnlyList<TierItem> Tiers, string Currency = "USD", DateTimeOffset? EffectiveFrom = null, DateTimeOffset? EffectiveTo = null)
{
    internal PriceTerms? Read(DateTimeOffset now, out Dictionary<string, string[]> errors)
    {
        var faults = errors = [];
        var tiers = new List<PriceTier>();
        for (var position = 0; position < Tiers.Count; position++)
        {
            if (Tiers[position]?.Read(field => faults[$"tiers[{position}].{field}"] = ["Send the price of one token as a decimal text, such as \"0.0000025\"."]) is { } tier)
            {
                tiers.Add(tier);
            }
            else
            {
                faults.TryAdd($"tiers[{position}]", ["Send the prices of the tier."]);
            }
        }

        if (faults.Count > 0)
        {
            return null;
        }

        var terms = new PriceTerms(
            Provider, Model, Currency, PriceCatalogue.ToMicroseconds((EffectiveFrom ?? now).ToUniversalTime()),
            EffectiveTo is { } to ? PriceCatalogue.ToMicroseconds(to.ToUniversalTime()) : null, Source, tiers);
        foreach (var (field, error) in terms.Check())
        {
            faults.TryAdd(field, [error]);
        }

        return faults.Count == 0 ? terms : null;
    }
}

/// <summary>Models without a price.</summary>
/// <param name="Items">The models, the most calls first.</param>
public sealed record UnpricedModelList(IReadOnlyList<UnpricedModel> Items);
