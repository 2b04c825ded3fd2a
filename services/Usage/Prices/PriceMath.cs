using BotGeneric.Usage.Domain;

namespace BotGeneric.Usage.Prices;

/// <summary>The arithmetic of prices, in decimals only.</summary>
public static class PriceMath
{
    /// <summary>Decimals of a cost in the ledger.</summary>
    public const int CostDecimals = 12;

    /// <summary>The tier that a call falls into: the highest whose bound its whole input exceeds.</summary>
    /// <param name="tiers">Ascending, the first from 0.</param>
    /// <param name="pools">The call's tokens.</param>
    public static PriceTier TierOf(IReadOnlyList<PriceTier> tiers, in TokenPools pools)
    {
        ArgumentNullException.ThrowIfNull(tiers);
        var input = pools.Input + pools.CachedInput + pools.CacheWrite;
        var position = tiers.Count - 1;
        while (position > 0 && input <= tiers[position].AboveInputTokens)
        {
            position--;
        }

        return tiers[position];
    }

    /// <summary>
    /// What a call costs: the sum of each pool's tokens times the price of one. Every product and the sum are exact, because the bounds of
    /// <see cref="PriceTier"/> and of the ledger keep them within 28 digits; only prices with more than 12 decimals leave something to round at the end.
    /// </summary>
    /// <param name="tiers">The prices.</param>
    /// <param name="pools">The call's tokens.</param>
    /// <returns>The cost, to 12 decimals.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A pool is negative or larger than the ledger takes.</exception>
    public static decimal Cost(IReadOnlyList<PriceTier> tiers, in TokenPools pools)
    {
        RequireRange(pools.Input);
        RequireRange(pools.CachedInput);
        RequireRange(pools.CacheWrite);
        RequireRange(pools.Output);
        RequireRange(pools.Reasoning);
        var tier = TierOf(tiers, pools);
        var cost = tier.PerRequest
            + (pools.Input * tier.Input)
            + (pools.CachedInput * (tier.CachedInput ?? tier.Input))
            + (pools.CacheWrite * (tier.CacheWrite ?? tier.Input))
            + (pools.Output * tier.Output)
            + (pools.Reasoning * (tier.Reasoning ?? tier.Output));
        return decimal.Round(cost, CostDecimals, MidpointRounding.ToEven);
    }

    private static void RequireRange(long tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens, CloudEventLimits.MaximumTokens);
    }
}
