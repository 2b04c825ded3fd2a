using BotGeneric.Usage.Ingest;
using BotGeneric.Usage.Ledger;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BotGeneric.Usage.Rollups;

/// <summary>Drops months that are kept no longer, and what was kept to recognize repeated events.</summary>
/// <param name="retention">Drops.</param>
/// <param name="dataSource">Usage's database.</param>
/// <param name="options">How often.</param>
/// <param name="usage">For how long events are recognized.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class RetentionWorker(
    LedgerRetention retention, NpgsqlDataSource dataSource, IOptions<RollupOptions> options, IOptions<UsageOptions> usage, TimeProvider timeProvider,
    ILogger<RetentionWorker> logger) : BackgroundService
{
    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(options.Value.RetentionInterval, timeProvider, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await TryAsync(DropAsync, stoppingToken);
            await TryAsync(
                cancellationToken => SettledHolds.ForgetAsync(dataSource, timeProvider.GetUtcNow() - usage.Value.DedupeWindow, cancellationToken), stoppingToken);
        }
    }

    private async Task DropAsync(CancellationToken cancellationToken)
    {
        if (await retention.DropAsync(cancellationToken) is { Count: > 0 } dropped)
        {
            LogDropped(logger, string.Join(", ", dropped));
        }
    }

    // Neither keeps the other from its turn.
    private async Task TryAsync(Func<CancellationToken, Task> step, CancellationToken stoppingToken)
    {
        try
        {
            await step(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
        catch (Exception exception)
        {
            LogFailed(logger, exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Dropped what the ledger keeps no longer: {Partitions}; the rollups have it")]
    private static partial void LogDropped(ILogger logger, string partitions);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Forgetting what the ledger keeps no longer failed; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
