using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace BotGeneric.Messaging.Inbox;

/// <summary>Thrown for a message that was not settled, after it was held for long enough or because the process stops: it comes again.</summary>
internal sealed class GiveBackException(Exception innerException) : Exception("The message goes back to its queue.", innerException)
{
    /// <summary>Whether this is the exception or one of its causes.</summary>
    public static bool IsIn(Exception? exception) => exception switch
    {
        null => false,
        GiveBackException => true,
        AggregateException aggregate => aggregate.InnerExceptions.Any(IsIn),
        _ => IsIn(exception.InnerException),
    };
}

/// <summary>
/// Repeats work while the database is down, holding its messages without acknowledging them. Holding rather than returning them at once keeps a
/// broker from counting and spinning deliveries, and the prefetch limit then stops the flow by itself: no kill switch is needed.
/// </summary>
internal sealed class OutageHold(OutageDetector detector, IOptions<MessagingOptions> options, TimeProvider time, ILogger<OutageHold> logger)
{
    /// <summary>Does the work; repeats it as long as it fails because of an outage; lets any other failure through.</summary>
    /// <exception cref="GiveBackException">The outage lasted longer than a message may be held.</exception>
    public Task<T> RunAsync<T>(string queue, int messages, Func<Task<T>> work, CancellationToken cancellationToken) =>
        RunAsync(queue, messages, work, exception => detector.IsOutageAsync(exception, cancellationToken), cancellationToken);

    /// <summary>Does work that has no other way to end than to succeed: every failure is waited out.</summary>
    /// <exception cref="GiveBackException">It went on for longer than a message may be held.</exception>
    public Task<T> InsistAsync<T>(string queue, int messages, Func<Task<T>> work, CancellationToken cancellationToken) =>
        RunAsync(queue, messages, work, _ => Task.FromResult(true), cancellationToken);

    private async Task<T> RunAsync<T>(
        string queue, int messages, Func<Task<T>> work, Func<Exception, Task<bool>> isOutage, CancellationToken cancellationToken)
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
                if (!await isOutage(exception))
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
