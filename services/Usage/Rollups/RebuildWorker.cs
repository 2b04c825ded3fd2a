using Microsoft.Extensions.Options;
using Npgsql;

namespace BotGeneric.Usage.Rollups;

/// <summary>Does the rebuilds that were asked for, account after account, between everything else.</summary>
/// <param name="rebuild">Rebuilds.</param>
/// <param name="options">How often it is looked.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class RebuildWorker(
    RollupRebuild rebuild, IOptions<RollupOptions> options, TimeProvider timeProvider, ILogger<RebuildWorker> logger) : BackgroundService
{
    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await rebuild.StepAsync(stoppingToken))
                {
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogFailed(logger, exception);
                await SayAsync(exception, stoppingToken);
            }

            await Task.Delay(options.Value.Interval, timeProvider, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // A message of the database may quote what it is about; its code does not.
    private async Task SayAsync(Exception exception, CancellationToken cancellationToken)
    {
        try
        {
            await rebuild.FailedAsync(exception is PostgresException refused ? $"PostgreSQL {refused.SqlState}" : exception.GetType().Name, cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A step of the rebuild of rollups failed; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
