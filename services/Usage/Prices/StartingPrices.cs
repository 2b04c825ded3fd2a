using System.Text.Json;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Usage.Prices;

/// <summary>
/// Gives a new installation prices of well-known models, so that its first call has a cost. Only an empty table is filled: whoever ends or removes prices does not
/// get them back. They hold from the day of the installation on; what they were before is not claimed.
/// </summary>
/// <param name="scopes">Gives a context.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">The log.</param>
public sealed partial class StartingPrices(IServiceScopeFactory scopes, TimeProvider timeProvider, ILogger<StartingPrices> logger) : IHostedService
{
    private const string Resource = "BotGeneric.Usage.Prices.starting-prices.json";
    private const string LockTable = "LOCK TABLE model_prices IN EXCLUSIVE MODE";

    /// <inheritdoc />
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<UsageDbContext>();
        if (await db.ModelPrices.AnyAsync(cancellationToken))
        {
            return;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // Replicas that start together fill it once.
        await db.Database.ExecuteSqlRawAsync(LockTable, cancellationToken);
        if (await db.ModelPrices.AnyAsync(cancellationToken))
        {
            return;
        }

        var now = timeProvider.GetUtcNow();
        var terms = Read(new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero));
        db.ModelPrices.AddRange(terms.Select(price => ModelPrice.Create(price, now)));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        LogFilled(logger, terms.Count);
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Reads the prices that come with the service.</summary>
    /// <param name="effectiveFrom">From when on they are to hold.</param>
    internal static IReadOnlyList<PriceTerms> Read(DateTimeOffset effectiveFrom)
    {
        using var stream = typeof(StartingPrices).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The resource {Resource} is missing.");
        var list = JsonSerializer.Deserialize<StartingList>(stream, JsonSerializerOptions.Web)!;
        return [.. list.Models.Select(model => new PriceTerms(
            model.Provider, model.Model, list.Currency, effectiveFrom, null, $"{list.Source} ({list.TakenOn})",
            [model.Tier(0), .. model.Above is { } above ? new[] { above.Tier(above.InputTokens) } : []]))];
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Filled the empty price list with {Count} well-known models")]
    private static partial void LogFilled(ILogger logger, int count);

    private sealed record StartingList(string Source, string TakenOn, string Currency, IReadOnlyList<StartingModel> Models);

    // Prices of a million tokens, as the providers print them.
    private record MillionPrices(decimal Input, decimal? CachedInput, decimal? CacheWrite, decimal Output)
    {
        private const decimal Million = 1_000_000m;

        public PriceTier Tier(long above) => new()
        {
            AboveInputTokens = above,
            Input = Input / Million,
            CachedInput = CachedInput / Million,
            CacheWrite = CacheWrite / Million,
            Output = Output / Million,
        };
    }

    private sealed record StartingModel(
        string Provider, string Model, decimal Input, decimal? CachedInput, decimal? CacheWrite, decimal Output, HigherPrices? Above)
        : MillionPrices(Input, CachedInput, CacheWrite, Output);

    private sealed record HigherPrices(long InputTokens, decimal Input, decimal? CachedInput, decimal? CacheWrite, decimal Output)
        : MillionPrices(Input, CachedInput, CacheWrite, Output);
}
