using BotGeneric.Contracts;

namespace BotGeneric.Usage.Domain;

/// <summary>
/// The prices of a model from one moment to another. Prices of one model never overlap; the database sees to it too. A price is never changed, because entries
/// of the ledger name it: it ends, and another one begins.
/// </summary>
public sealed class ModelPrice
{
    /// <summary>Characters of a provider or a model: as many as the ledger takes.</summary>
    public const int MaximumNameLength = CloudEventLimits.MaximumNameLength;

    /// <summary>Characters of <see cref="Source"/>.</summary>
    public const int MaximumSourceLength = 500;

    /// <summary>Tiers of a price at most.</summary>
    public const int MaximumTiers = 8;

    private ModelPrice()
    {
    }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; private set; }

    /// <summary>The provider, in lower case.</summary>
    public string Provider { get; private set; } = string.Empty;

    /// <summary>The model as its provider spells it, or with the provider and a slash in front.</summary>
    public string Model { get; private set; } = string.Empty;

    /// <summary>ISO 4217 code.</summary>
    public string Currency { get; private set; } = string.Empty;

    /// <summary>The first moment at which the price holds, UTC.</summary>
    public DateTimeOffset EffectiveFrom { get; private set; }

    /// <summary>The first moment at which it does not hold any more, UTC; null: it holds on.</summary>
    public DateTimeOffset? EffectiveTo { get; private set; }

    /// <summary>When it was entered, UTC.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Where the figures come from.</summary>
    public string Source { get; private set; } = string.Empty;

    /// <summary>By <see cref="PriceTier.AboveInputTokens"/>, ascending; the first begins at 0.</summary>
    public IReadOnlyList<PriceTier> Tiers { get; private set; } = [];

    /// <summary>A new price. The terms must have passed <see cref="PriceTerms.Check"/>.</summary>
    /// <param name="terms">What is priced and how.</param>
    /// <param name="now">The present moment.</param>
    /// <exception cref="ArgumentException">The terms are not valid.</exception>
    public static ModelPrice Create(PriceTerms terms, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(terms);
        if (terms.Check().FirstOrDefault() is { Field: not null } fault)
        {
            throw new ArgumentException($"{fault.Field} {fault.Error}", nameof(terms));
        }

        return new ModelPrice
        {
            Id = Guid.CreateVersion7(now),
            Provider = terms.Provider,
            Model = terms.Model,
            Currency = terms.Currency,
            EffectiveFrom = terms.EffectiveFrom,
            EffectiveTo = terms.EffectiveTo,
            CreatedAt = now,
            Source = terms.Source,
            Tiers = terms.Tiers,
        };
    }

    /// <summary>Whether the price holds at a moment.</summary>
    /// <param name="time">The moment.</param>
    public bool HoldsAt(DateTimeOffset time) => time >= EffectiveFrom && (EffectiveTo is null || time < EffectiveTo);

    /// <summary>Ends the price. Safe to repeat. What was calculated with it stays as it is.</summary>
    /// <param name="at">The first moment at which it does not hold any more.</param>
    /// <returns>False when it would end before it begins, or has another end already.</returns>
    public bool End(DateTimeOffset at)
    {
        if (at <= EffectiveFrom || (EffectiveTo is { } end && end != at))
        {
            return false;
        }

        EffectiveTo = at;
        return true;
    }
}

/// <summary>What a price says.</summary>
/// <param name="Provider">The provider, in lower case.</param>
/// <param name="Model">The model.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="EffectiveFrom">From when on, UTC, in whole microseconds.</param>
/// <param name="EffectiveTo">Until when; null: no end yet.</param>
/// <param name="Source">Where the figures come from.</param>
/// <param name="Tiers">The tiers, ascending.</param>
public sealed record PriceTerms(
    string Provider, string Model, string Currency, DateTimeOffset EffectiveFrom, DateTimeOffset? EffectiveTo, string Source, IReadOnlyList<PriceTier> Tiers)
{
    /// <summary>What is wrong with the terms, by field; empty when nothing is.</summary>
    public IEnumerable<(string Field, string Error)> Check()
    {
        if (!IsName(Provider) || Provider.Any(char.IsUpper))
        {
            yield return ("provider", $"must be 1 to {ModelPrice.MaximumNameLength} characters, without capital letters or spaces.");
        }

        if (!IsName(Model))
        {
            yield return ("model", $"must be 1 to {ModelPrice.MaximumNameLength} characters without spaces.");
        }

        if (!Iso4217.IsCurrency(Currency))
        {
            yield return ("currency", "must be the ISO 4217 code of a currency that is in use, such as USD.");
        }

        if (EffectiveTo <= EffectiveFrom)
        {
            yield return ("effectiveTo", "must be later than effectiveFrom.");
        }

        if (Source is not { Length: > 0 and <= ModelPrice.MaximumSourceLength } || Source.Contains('\0'))
        {
            yield return ("source", $"must say where the figures come from, in 1 to {ModelPrice.MaximumSourceLength} characters.");
        }

        if (Tiers.Count is 0 or > ModelPrice.MaximumTiers || Tiers[0].AboveInputTokens != 0)
        {
            yield return ("tiers", $"must be 1 to {ModelPrice.MaximumTiers} tiers, of which the first has aboveInputTokens 0.");
        }

        for (var position = 0; position < Tiers.Count; position++)
        {
            if (position > 0 && Tiers[position].AboveInputTokens <= Tiers[position - 1].AboveInputTokens)
            {
                yield return ($"tiers[{position}].aboveInputTokens", "must be larger than that of the tier before.");
            }

            foreach (var (field, error) in Tiers[position].Check())
            {
                yield return ($"tiers[{position}].{field}", error);
            }
        }
    }

    private static bool IsName(string? name) =>
        name is { Length: > 0 and <= ModelPrice.MaximumNameLength } && !name.Any(letter => char.IsWhiteSpace(letter) || char.IsControl(letter));
}
