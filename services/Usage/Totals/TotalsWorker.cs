using BotGeneric.Usage.Rollups;
using Microsoft.Extensions.Options;

namespace BotGeneric.Usage.Totals;

/// <summary>Has totals told again and again.</summary>
/// <param name="teller">Tells.</param>
/// <param name="options">How often.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class TotalsWorker(
    TotalsTeller teller, IOptions<RollupOptions> options, TimeProvider timeProvider, ILogger<TotalsWorker> logger) : BackgroundService
{
    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(options.Value.InvariantInterval, timeProvider, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                stoppingToken.ThrowIfCancellationRequested();
                await teller.TellAsync(stoppingToken);
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "Telling the totals of the ledger failed; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
