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
            try
            {
                await SettledHolds.ForgetAsync(dataSource, timeProvider.GetUtcNow() - usage.Value.DedupeWindow, stoppingToken);
                if (await retention.DropAsync(stoppingToken) is { Count: > 0 } dropped)
                {
                    LogDropped(logger, string.Join(", ", dropped));
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogFailed(logger, exception);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Dropped what the ledger keeps no longer: {Partitions}; the rollups have it")]
    private static partial void LogDropped(ILogger logger, string partitions);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Dropping old months of the ledger failed; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
