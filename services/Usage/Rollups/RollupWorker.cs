using Microsoft.Extensions.Options;

namespace BotGeneric.Usage.Rollups;

/// <summary>Folds batches as they come.</summary>
/// <param name="folder">Folds.</param>
/// <param name="options">How often.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class RollupWorker(
    RollupFolder folder, IOptions<RollupOptions> options, TimeProvider timeProvider, ILogger<RollupWorker> logger) : BackgroundService
{
    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await folder.FoldAllAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // Nothing is lost and no answer is wrong: batches that are not folded are read row by row.
                LogFailed(logger, exception);
            }

            await Task.Delay(options.Value.Interval, timeProvider, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Folding usage into rollups failed; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
