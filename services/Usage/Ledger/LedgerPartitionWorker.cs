namespace BotGeneric.Usage.Ledger;

/// <summary>
/// Adds partitions ahead, at start and every day. The writer adds one that is missing all the same; ahead it happens without anybody waiting.
/// </summary>
internal sealed partial class LedgerPartitionWorker(LedgerMonths months, TimeProvider timeProvider, ILogger<LedgerPartitionWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromDays(1);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = Pause;
            try
            {
                if (await months.AddPartitionsAsync(LedgerMonths.MonthOf(timeProvider.GetUtcNow()), stoppingToken) is > 0 and var added)
                {
                    LogAdded(logger, added);
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailed(logger, exception, PauseAfterFailure);
                pause = PauseAfterFailure;
            }

            await Task.Delay(pause, timeProvider, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Added {Count} partition(s) to the ledger")]
    private static partial void LogAdded(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Adding partitions to the ledger failed; again in {Pause}")]
    private static partial void LogFailed(ILogger logger, Exception exception, TimeSpan pause);
}
