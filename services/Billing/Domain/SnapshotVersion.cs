namespace BotGeneric.Billing.Domain;

/// <summary>
/// Says which of two snapshots of one thing at the provider is the later one, in the same way whatever the order in which they arrive: by the moment of the
/// event, then by the moment of the last change of the thing itself, then by how near its state is to its end, then by the event's id.
/// </summary>
/// <param name="OccurredAt">When the event happened, UTC, to the microsecond: what is compared must be what the database keeps.</param>
/// <param name="UpdatedAt">When the thing was changed last, UTC, to the microsecond.</param>
/// <param name="Rank">How near its state is to its end; grows.</param>
/// <param name="EventId">The event.</param>
public readonly record struct SnapshotVersion(DateTimeOffset OccurredAt, DateTimeOffset UpdatedAt, int Rank, string EventId)
    : IComparable<SnapshotVersion>
{
    /// <summary>Before every snapshot.</summary>
    public static SnapshotVersion None { get; } = new(DateTimeOffset.MinValue, DateTimeOffset.MinValue, 0, string.Empty);

    /// <summary>Reads the version of a snapshot, whatever the precision and the offset of its times.</summary>
    /// <param name="occurredAt">When the event happened.</param>
    /// <param name="updatedAt">When the thing was changed last.</param>
    /// <param name="rank">How near its state is to its end.</param>
    /// <param name="eventId">The event.</param>
    /// <returns>The version.</returns>
    public static SnapshotVersion Of(DateTimeOffset occurredAt, DateTimeOffset updatedAt, int rank, string eventId) =>
        new(ToMicroseconds(occurredAt), ToMicroseconds(updatedAt), rank, eventId);

    /// <inheritdoc />
    public int CompareTo(SnapshotVersion other)
    {
        var byEvent = OccurredAt.CompareTo(other.OccurredAt);
        var byChange = byEvent != 0 ? byEvent : UpdatedAt.CompareTo(other.UpdatedAt);
        var byRank = byChange != 0 ? byChange : Rank.CompareTo(other.Rank);
        return byRank != 0 ? byRank : string.CompareOrdinal(EventId, other.EventId);
    }

    /// <summary>Whether the left one is the later one.</summary>
    public static bool operator >(SnapshotVersion left, SnapshotVersion right) => left.CompareTo(right) > 0;

    /// <summary>Whether the right one is the later one.</summary>
    public static bool operator <(SnapshotVersion left, SnapshotVersion right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left one is the same or the later one.</summary>
    public static bool operator >=(SnapshotVersion left, SnapshotVersion right) => left.CompareTo(right) >= 0;

    /// <summary>Whether the right one is the same or the later one.</summary>
    public static bool operator <=(SnapshotVersion left, SnapshotVersion right) => left.CompareTo(right) <= 0;

    private static DateTimeOffset ToMicroseconds(DateTimeOffset time)
    {
        var utc = time.ToUniversalTime();
        return utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
