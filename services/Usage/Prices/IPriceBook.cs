namespace BotGeneric.Usage.Prices;

/// <summary>
/// What calls of language models cost. It answers from memory; <see cref="RefreshIfStaleAsync"/>, called once before a batch of calls is priced, keeps the
/// memory younger than a second.
/// </summary>
public interface IPriceBook
{
    /// <summary>Prices one call by the price in force at its time.</summary>
    /// <param name="provider">The provider as reported; null when nobody said.</param>
    /// <param name="model">The model as reported, with or without the provider in front; null when nobody said.</param>
    /// <param name="time">When the call happened.</param>
    /// <param name="pools">The call's tokens.</param>
    /// <returns>
    /// The price and the exact cost: by the price of the provider and the model, else by that of the provider <c>*</c> and the model, whichever provider the call names or none, else by
    /// that of the provider <c>*</c> and the model <c>*</c>; null when there is no such price either, which is never a cost of nothing.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A pool is negative or larger than the ledger takes.</exception>
    CallPrice? Find(string? provider, string? model, DateTimeOffset time, in TokenPools pools);

    /// <summary>Reads the prices again if they have changed and were last looked at more than a second ago.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    ValueTask RefreshIfStaleAsync(CancellationToken cancellationToken);
}

/// <summary>What a call costs.</summary>
/// <param name="PriceId">The price that it was calculated with.</param>
/// <param name="Cost">The exact cost, to 12 decimals.</param>
/// <param name="Currency">ISO 4217 code.</param>
public readonly record struct CallPrice(Guid PriceId, decimal Cost, string Currency);

/// <summary>The exclusive token pools of a call.</summary>
/// <param name="Input">Fresh input.</param>
/// <param name="CachedInput">Input from the provider's cache.</param>
/// <param name="CacheWrite">Input written to the provider's cache.</param>
/// <param name="Output">Visible output.</param>
/// <param name="Reasoning">Reasoning.</param>
public readonly record struct TokenPools(long Input, long CachedInput, long CacheWrite, long Output, long Reasoning);
