namespace BotGeneric.Usage.Prices;

/// <summary>What calls of language models cost. Asked for every entry before it is recorded, so it answers from memory.</summary>
public interface IPriceBook
{
    /// <summary>The cost of one call at the price in force when it happened.</summary>
    /// <param name="provider">The model's provider.</param>
    /// <param name="model">The model as its provider spells it.</param>
    /// <param name="time">When the call happened, UTC.</param>
    /// <param name="pools">Its tokens.</param>
    /// <returns>The cost; null when no price is known, which is never the same as 0.</returns>
    CallPrice? Find(string? provider, string? model, DateTimeOffset time, in TokenPools pools);

    /// <summary>Reads the prices again if they may have changed since they were read. Called once for each batch, before its entries are priced.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    ValueTask RefreshIfStaleAsync(CancellationToken cancellationToken);
}

/// <summary>What a call costs.</summary>
/// <param name="PriceId">The price it was computed with.</param>
/// <param name="Cost">The exact cost.</param>
/// <param name="Currency">ISO 4217 code of the cost.</param>
public readonly record struct CallPrice(Guid PriceId, decimal Cost, string Currency);

/// <summary>The tokens of a call, in five pools that exclude each other.</summary>
/// <param name="Input">Fresh input.</param>
/// <param name="CachedInput">Input from the provider's cache.</param>
/// <param name="CacheWrite">Input written to the provider's cache.</param>
/// <param name="Output">Visible output.</param>
/// <param name="Reasoning">Reasoning.</param>
public readonly record struct TokenPools(long Input, long CachedInput, long CacheWrite, long Output, long Reasoning);
