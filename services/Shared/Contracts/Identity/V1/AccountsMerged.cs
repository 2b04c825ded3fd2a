namespace BotGeneric.Contracts.Identity.V1;

/// <summary>
/// A person had two accounts, proved to own both, and has one now. What belongs to the absorbed account belongs to the kept one from now on, also what
/// is told of the absorbed one later: an event on its way, usage that is reported late. Organizations are accounts of their own and are never merged.
/// </summary>
public sealed record AccountsMerged : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <inheritdoc />
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The person's account that stays.</summary>
    public required Guid KeptUserId { get; init; }

    /// <summary>The account that is no more. Its id is never used again.</summary>
    public required Guid AbsorbedUserId { get; init; }
}
