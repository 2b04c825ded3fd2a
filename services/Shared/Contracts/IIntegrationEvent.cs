namespace BotGeneric.Contracts;

/// <summary>
/// A fact that one service tells the others. Implementations are sealed records in <c>BotGeneric.Contracts.&lt;Publisher&gt;.V1</c>,
/// named in the past tense and flat; the namespace is their identity on the wire, so it never changes. Only optional members
/// may be added; a break is a record of the same name in <c>V2</c> beside the old one.
/// </summary>
public interface IIntegrationEvent
{
    /// <summary>UUIDv7 of this fact. It is the message id on the broker and the key under which a consumer remembers the fact.</summary>
    Guid EventId { get; }

    /// <summary>When the fact happened at its source, UTC. Consumers order snapshots of one aggregate by it.</summary>
    DateTimeOffset OccurredAt { get; }
}
