namespace BotGeneric.Usage.Domain;

/// <summary>
/// What a token of each pool costs when a call's whole input (fresh, cached and written to the cache together) is larger than a bound. The tier holds for every
/// token of the call, not only for those above the bound: so do the providers bill.
/// </summary>
public sealed record PriceTier
{
    /// <summary>Decimals of a price at most. The finest prices that are published have 12.</summary>
    public const int MaximumDecimals = 18;

    /// <summary>A price of one token is below this, so that no product with a call's tokens is ever rounded.</summary>
    public const decimal MaximumTokenPrice = 10m;

    /// <summary>A fee for a request is at most this.</summary>
    public const decimal MaximumRequestFee = 1_000m;

    /// <summary>The tier holds for calls with more tokens of input than this; 0 for the first tier.</summary>
    public long AboveInputTokens { get; init; }

    /// <summary>One token of fresh input.</summary>
    public required decimal Input { get; init; }

    /// <summary>One token of input from the cache; null: as fresh input, which is what providers without a discount bill.</summary>
    public decimal? CachedInput { get; init; }

    /// <summary>One token written to the cache; null: as fresh input, which is what providers that cache by themselves bill.</summary>
    public decimal? CacheWrite { get; init; }

    /// <summary>One token of visible output.</summary>
    public required decimal Output { get; init; }

    /// <summary>One token of reasoning; null: as visible output, which is what providers bill unless they say otherwise.</summary>
    public decimal? Reasoning { get; init; }

    /// <summary>A fee for each call; 0 for none.</summary>
    public decimal PerRequest { get; init; }

    /// <summary>What is wrong with the tier, by field; empty when nothing is.</summary>
    public IEnumerable<(string Field, string Error)> Check()
    {
        if (AboveInputTokens is < 0 or > CloudEventLimits.MaximumTokens)
        {
            yield return ("aboveInputTokens", $"must be from 0 to {CloudEventLimits.MaximumTokens}.");
        }

        foreach (var (field, price) in new (string, decimal?)[]
            { ("input", Input), ("cachedInput", CachedInput), ("cacheWrite", CacheWrite), ("output", Output), ("reasoning", Reasoning) })
        {
            if (price is < 0 or >= MaximumTokenPrice || price is { } value && Decimals(value) > MaximumDecimals)
            {
                yield return (field, $"must be the price of one token, from 0 to less than {MaximumTokenPrice}, with at most {MaximumDecimals} decimals.");
            }
        }

        if (PerRequest is < 0 or > MaximumRequestFee || Decimals(PerRequest) > MaximumDecimals)
        {
            yield return ("perRequest", $"must be from 0 to {MaximumRequestFee}, with at most {MaximumDecimals} decimals.");
        }
    }

    /// <summary>Decimals of a number without the zeros at its end.</summary>
    internal static int Decimals(decimal value)
    {
        // Dividing by one with all the zeros there are takes those at the end away.
        return (value / 1.0000000000000000000000000000m).Scale;
    }
}
