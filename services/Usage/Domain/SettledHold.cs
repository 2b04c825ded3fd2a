namespace BotGeneric.Usage.Domain;

/// <summary>
/// That an event has settled a hold of Policy. One hold is settled by one event: a reporter that makes up a new id when it tries again is not charged twice.
/// Kept as long as events are recognized.
/// </summary>
public sealed class SettledHold
{
    /// <summary>The account. Holds of others are none of its business, so nobody settles them first.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The hold.</summary>
    public required Guid HoldId { get; init; }

    /// <summary>When the event was recorded, UTC.</summary>
    public required DateTimeOffset RecordedAt { get; init; }
}
