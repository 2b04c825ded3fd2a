namespace BotGeneric.Messaging.Outbox;

/// <summary>A claimed outbox row.</summary>
internal sealed record OutboxRow(
    long Sequence, Guid Id, string Type, string Body, string? TraceParent, string? TraceState, string? OrderingKey, int Attempts, DateTimeOffset CreatedAt);

/// <summary>What became of an attempt to publish that the broker answered.</summary>
internal enum PublishResult
{
    /// <summary>The broker has it.</summary>
    Confirmed,

    /// <summary>No queue is bound; the broker gave it back.</summary>
    Unroutable,

    /// <summary>The broker answered that it could not keep it, such as a quorum queue without a majority.</summary>
    Refused,

    /// <summary>This process does not know the event, as after a roll-back to an older version.</summary>
    UnknownType,

    /// <summary>The row is not something that could ever be a message.</summary>
    Malformed,
}

/// <summary>The broker could not be asked, or did not answer in time.</summary>
internal sealed class BrokerUnavailableException(string message, Exception? innerException) : Exception(message, innerException);
