namespace BotGeneric.Billing.Subscriptions;

/// <summary>Wakes when access ends next, and at least every quarter of a minute: what ends next is another thing after each event, on every replica.</summary>
/// <param name="ends">Ends access.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Gets outages.</param>
public sealed partial class AccessEndWorker(AccessEnds ends, TimeProvider timeProvider, ILogger<AccessEndWorker> logger) : BackgroundService
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ShortestSleep = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var sleep = LongestSleep;
            try
            {
                while (await ends.EndNextAsync(stoppingToken))
                {
                }

                if (await ends.NextAsync(stoppingToken) is { } next)
                {
                    var until = next - timeProvider.GetUtcNow();
                    sleep = until < ShortestSleep ? ShortestSleep : until < LongestSleep ? until : LongestSleep;
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it is, the process must not end for it: what is due is still due.
                LogOutage(logger, exception);
            }

            await Task.Delay(sleep, timeProvider, stoppingToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Access that is over cannot be ended; the worker keeps trying")]
    private static partial void LogOutage(ILogger logger, Exception exception);
}
