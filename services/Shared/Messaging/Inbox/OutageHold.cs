using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace BotGeneric.Messaging.Inbox;

/// <summary>Thrown after a message was held for long enough: it goes back to its queue, and comes again.</summary>
internal sealed class GiveBackException(Exception innerException) : Exception("The database does not answer.", innerException);

/// <summary>
/// Repeats work while the database is down, holding its messages without acknowledging them. Holding rather than returning them at once keeps a
/// broker from counting and spinning deliveries, and the prefetch limit then stops the flow by itself: no kill switch is needed.
/// </summary>
internal sealed class OutageHold(OutageDetector detector, IOptions<MessagingOptions> options, TimeProvider time, ILogger<OutageHold> logger)
{
    /// <summary>Does the work; repeats it as long as it fails because of an outage; lets any other failure through.</summary>
    /// <exception cref="GiveBackException">The outage lasted longer than a message may be held.</exception>
    public async Task<T> RunAsync<T>(string queue, int messages, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        for (var failures = 1; ; failures++)
        {
            try
            {
                return await work();
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                if (!await detector.IsOutageAsync(exception, cancellationToken))
                    throw;

                if (time.GetElapsedTime(started) > options.Value.MaxHold)
                {
                    Log.GivenBack(logger, queue, messages, time.GetElapsedTime(started));
                    throw new GiveBackException(exception);
                }

                var delay = Backoff.Exponential(TimeSpan.FromMilliseconds(200), 2, failures, options.Value.MaxOutageDelay);
                Log.Held(logger, exception, queue, messages, delay);
                MessagingDiagnostics.Outages.Add(messages, new KeyValuePair<string, object?>("queue", queue));
                await Task.Delay(delay, time, cancellationToken);
            }
        }
    }
}
