using BotGeneric.Usage.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace BotGeneric.Usage.Prices;

/// <summary>
/// The prices in memory. A row with a version, which the database raises with every change of a price, is looked at no more than once a second; so a change
/// made anywhere is in force everywhere within that time.
/// </summary>
/// <param name="dataSource">Usage's database.</param>
/// <param name="scopes">Gives a context when the prices have changed.</param>
/// <param name="unpriced">Hears of calls without a price.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class PriceBook(NpgsqlDataSource dataSource, IServiceScopeFactory scopes, UnpricedModels unpriced, TimeProvider timeProvider)
    : IPriceBook, IDisposable
{
    private static readonly TimeSpan MaximumAge = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private volatile PriceList _prices = PriceList.Empty;
    private long _version = -1;
    private long _lookedAt;

    /// <inheritdoc />
    public CallPrice? Find(string? provider, string? model, DateTimeOffset time, in TokenPools pools)
    {
        if (model is not null && _prices.Find(provider, model, time) is { } price)
        {
            return new CallPrice(price.Id, PriceMath.Cost(price.Tiers, pools), price.Currency);
        }

        if (_prices.FindFallback(time) is { } fallback)
        {
            unpriced.MetFallback();
            return new CallPrice(fallback.Id, PriceMath.Cost(fallback.Tiers, pools), fallback.Currency);
        }

        unpriced.Met(provider, model);
        return null;
    }

    /// <inheritdoc />
    public ValueTask RefreshIfStaleAsync(CancellationToken cancellationToken) => IsFresh() ? ValueTask.CompletedTask : new ValueTask(RefreshAsync(cancellationToken));

    /// <summary>Looks at the version at the next opportunity, however fresh the memory is: after a change made by this process.</summary>
    public void Forget() => Volatile.Write(ref _lookedAt, 0);

    /// <inheritdoc />
    public void Dispose() => _refreshing.Dispose();

    private bool IsFresh() => Volatile.Read(ref _lookedAt) is var at and not 0 && timeProvider.GetElapsedTime(at) < MaximumAge;

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            if (IsFresh())
            {
                return;
            }

            // The moment before the look: what changes during it is found by the next one.
            var now = timeProvider.GetTimestamp();
            await using var command = dataSource.CreateCommand("SELECT version FROM price_book");
            var version = (long)(await command.ExecuteScalarAsync(cancellationToken) ?? 0L);
            if (version != _version)
            {
                await using var scope = scopes.CreateAsyncScope();
                var prices = await scope.ServiceProvider.GetRequiredService<UsageDbContext>().ModelPrices.AsNoTracking().ToListAsync(cancellationToken);
                _prices = new PriceList(prices);
                _version = version;
            }

            // A timestamp of 0 would count as never.
            Volatile.Write(ref _lookedAt, now is 0 ? 1 : now);
        }
        finally
        {
            _refreshing.Release();
        }
    }
}
