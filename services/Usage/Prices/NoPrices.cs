namespace BotGeneric.Usage.Prices;

/// <summary>Knows no price: every cost is unknown.</summary>
internal sealed class NoPrices : IPriceBook
{
    public CallPrice? Find(string? provider, string? model, DateTimeOffset time, in TokenPools pools) => null;

    public ValueTask RefreshIfStaleAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
