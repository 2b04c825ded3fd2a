using Microsoft.Extensions.Options;

namespace BotGeneric.Usage.Rollups;

/// <summary>Drops months that are kept no longer.</summary>
/// <param name="retention">Drops.</param>
/// <param name="options">How often.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class RetentionWorker(
    LedgerRetention retention, IOptions<RollupOptions> options, TimeProvider timeProvider, ILogger<RetentionWorker> logger) : BackgroundService
{
    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(options.Value.RetentionInterval, timeProvider, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
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
