namespace BotGeneric.Messaging.Data;

/// <summary>An event that was committed but is not yet confirmed by the broker. The row is deleted when it is.</summary>
public sealed class OutboxMessage
{
    /// <summary>Order of insertion; messages of one ordering key are published in this order.</summary>
    public long Sequence { get; private set; }

    /// <summary>The event's id, the message id on the broker.</summary>
    public required Guid Id { get; init; }

    /// <summary>The event's name on the wire.</summary>
    public required string Type { get; init; }

    /// <summary>The event as JSON.</summary>
    public required string Body { get; init; }

    /// <summary>W3C <c>traceparent</c> of the span that added the event, if any.</summary>
    public string? TraceParent { get; init; }

    /// <summary>W3C <c>tracestate</c> of the span that added the event, if any.</summary>
    public string? TraceState { get; init; }

    /// <summary>Messages of one key are published one after another, in order; null when order does not matter.</summary>
    public string? OrderingKey { get; init; }

    /// <summary>Not published before this time, UTC; moved on by the back-off after a failed attempt.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>Failed attempts to publish that were the message's own fault; an unreachable broker does not count.</summary>
    public int Attempts { get; private set; }

    /// <summary>What the last failed attempt failed with.</summary>
    public string? LastError { get; private set; }

    /// <summary>When the event was added, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Proof that a consumer has handled a message; committed with the effect of the message.</summary>
public sealed class InboxEntry
{
    /// <summary>The consumer, named by its queue.</summary>
    public required string Consumer { get; init; }

    /// <summary>The handled message, which is the event's id.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>When it was handled, UTC.</summary>
    public required DateTimeOffset ProcessedAt { get; init; }
}

/// <summary>A message put aside because it cannot be published or handled. An admin can look at it and replay it.</summary>
public sealed class DeadLetter
{
    /// <summary>UUIDv7 of this dead letter.</summary>
    public required Guid Id { get; init; }

    /// <summary>One of <see cref="DeadLetterDirections"/>.</summary>
    public required string Direction { get; init; }

    /// <summary>The consumer's queue, or the exchange that the message was meant for.</summary>
    public required string Queue { get; init; }

    /// <summary>The message id; null when the message did not carry one.</summary>
    public Guid? MessageId { get; init; }

    /// <summary>The event's name on the wire, as far as it is known.</summary>
    public string? Type { get; init; }

    /// <summary>Consumed: the message as it came, byte for byte. Published: the event as JSON.</summary>
    public required byte[] Body { get; init; }

    /// <summary>The broker's headers as a JSON object; null for a message that was not published.</summary>
    public string? Headers { get; init; }

    /// <summary>The message's ordering key, for a replay of a publication.</summary>
    public string? OrderingKey { get; init; }

    /// <summary>W3C <c>traceparent</c> of the message, if any.</summary>
    public string? TraceParent { get; init; }

    /// <summary>W3C <c>tracestate</c> of the message, if any.</summary>
    public string? TraceState { get; init; }

    /// <summary>What the last attempt failed with.</summary>
    public required string Error { get; init; }

    /// <summary>How many attempts were made.</summary>
    public required int Attempts { get; init; }

    /// <summary>The first failure, UTC.</summary>
    public required DateTimeOffset FirstFailedAt { get; init; }

    /// <summary>The last failure, UTC; a failed replay counts.</summary>
    public required DateTimeOffset LastFailedAt { get; init; }

    /// <summary>When an admin replayed it with success, UTC; null while it waits.</summary>
    public DateTimeOffset? ReplayedAt { get; init; }

    /// <summary>Who replayed it: the subject of the admin's token.</summary>
    public string? ReplayedBy { get; init; }
}

/// <summary>Where a message failed.</summary>
public static class DeadLetterDirections
{
    /// <summary>On its way from the outbox to the broker.</summary>
    public const string Publish = "publish";

    /// <summary>On its way from a queue to its handler.</summary>
    public const string Consume = "consume";
}
