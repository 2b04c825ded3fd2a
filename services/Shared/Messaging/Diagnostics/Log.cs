using Microsoft.Extensions.Logging;

namespace BotGeneric.Messaging;

/// <summary>What messaging logs: names, counts and message ids; never bodies, which carry people's data.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Connected to the broker; the queues of {Routes} published events are in place")]
    public static partial void PublisherConnected(ILogger logger, int routes);

    [LoggerMessage(2, LogLevel.Warning, "The broker does not answer; the outbox waits, next attempt in {Delay}")]
    public static partial void BrokerUnavailable(ILogger logger, Exception exception, TimeSpan delay);

    [LoggerMessage(3, LogLevel.Warning, "The outbox dispatcher cannot reach its database; next attempt in {Delay}")]
    public static partial void DispatcherDatabaseUnavailable(ILogger logger, Exception exception, TimeSpan delay);

    [LoggerMessage(4, LogLevel.Error, "The outbox dispatcher failed; next attempt in {Delay}")]
    public static partial void DispatcherFailed(ILogger logger, Exception exception, TimeSpan delay);

    [LoggerMessage(5, LogLevel.Warning, "Message {MessageId} of type {Type} was not published ({Reason}), attempt {Attempt}; next attempt at {NotBefore}")]
    public static partial void PublishFailed(ILogger logger, Guid messageId, string type, string reason, int attempt, DateTimeOffset notBefore);

    [LoggerMessage(6, LogLevel.Error, "Message {MessageId} of type {Type} cannot be published and is now a dead letter ({Reason}), after {Attempts} attempts")]
    public static partial void PublishDeadLettered(ILogger logger, Guid messageId, string type, string reason, int attempts);

    [LoggerMessage(7, LogLevel.Warning, "The outbox listener lost its connection; polling goes on, next attempt in {Delay}")]
    public static partial void ListenerFailed(ILogger logger, Exception exception, TimeSpan delay);

    [LoggerMessage(8, LogLevel.Warning, "{Queue}: message {MessageId} failed, attempt {Attempt} of {Attempts}")]
    public static partial void ConsumeFailed(ILogger logger, Exception exception, string queue, Guid messageId, int attempt, int attempts);

    [LoggerMessage(9, LogLevel.Error, "{Queue}: message {MessageId} is now a dead letter, after {Attempts} attempts")]
    public static partial void ConsumeDeadLettered(ILogger logger, Exception exception, string queue, Guid? messageId, int attempts);

    [LoggerMessage(10, LogLevel.Warning, "{Queue}: a batch of {Count} failed; its messages are handled one by one")]
    public static partial void BatchFellBack(ILogger logger, Exception exception, string queue, int count);

    [LoggerMessage(11, LogLevel.Warning, "{Queue}: the database does not answer; {Count} messages are held, next attempt in {Delay}")]
    public static partial void Held(ILogger logger, Exception exception, string queue, int count, TimeSpan delay);

    [LoggerMessage(12, LogLevel.Warning, "{Queue}: {Count} messages were held for {Held} and go back to the queue")]
    public static partial void GivenBack(ILogger logger, string queue, int count, TimeSpan held);

    [LoggerMessage(13, LogLevel.Information, "Consuming {Queues}")]
    public static partial void ConsumersStarted(ILogger logger, string queues);

    [LoggerMessage(14, LogLevel.Warning, "The consumers cannot connect to the broker; next attempt in {Delay}")]
    public static partial void ConsumersFailed(ILogger logger, Exception exception, TimeSpan delay);

    [LoggerMessage(23, LogLevel.Warning, "The consumers did not stop within {Timeout}; they end with the process")]
    public static partial void ConsumersNotStopped(ILogger logger, TimeSpan timeout);

    [LoggerMessage(15, LogLevel.Information, "Pruned {Inbox} inbox entries and {DeadLetters} dead letters")]
    public static partial void Pruned(ILogger logger, long inbox, long deadLetters);

    [LoggerMessage(16, LogLevel.Warning, "Pruning failed; next attempt in {Delay}")]
    public static partial void PruningFailed(ILogger logger, Exception exception, TimeSpan delay);

    [LoggerMessage(17, LogLevel.Information, "Dead letter {Id} was replayed")]
    public static partial void Replayed(ILogger logger, Guid id);

    [LoggerMessage(18, LogLevel.Warning, "The replay of dead letter {Id} failed")]
    public static partial void ReplayFailed(ILogger logger, Exception exception, Guid id);

    [LoggerMessage(19, LogLevel.Debug, "A connection that was broken already failed to close")]
    public static partial void CloseFailed(ILogger logger, Exception exception);

    [LoggerMessage(20, LogLevel.Debug, "The database did not answer a probe")]
    public static partial void ProbeFailed(ILogger logger, Exception exception);

    [LoggerMessage(21, LogLevel.Error, "{Queue}: a message could not be read and is now a dead letter")]
    public static partial void Unreadable(ILogger logger, Exception? exception, string queue);
}
