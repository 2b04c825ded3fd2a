using BotGeneric.Billing.Domain;

namespace BotGeneric.Billing.Mirror;

/// <summary>What became of a snapshot.</summary>
public enum MirrorOutcome
{
    /// <summary>It is what is known now.</summary>
    Applied,

    /// <summary>A later one was there. What follows from the history, such as since when a payment is missing, may have changed nevertheless.</summary>
    Superseded,
}

/// <summary>Where a snapshot of something at the provider comes from.</summary>
/// <param name="EventId">The provider's event, or <c>api:…</c> or <c>reconciliation:…</c> for what was read; at most 100 characters.</param>
/// <param name="EventType">The provider's type, such as <c>subscription.updated</c>; <c>api</c> or <c>reconciliation</c> for what was read.</param>
/// <param name="OccurredAt">From when it is.</param>
public sealed record SnapshotOrigin(string EventId, string EventType, DateTimeOffset OccurredAt)
{
    /// <summary>What the provider has answered to a call of ours.</summary>
    /// <param name="updatedAt">When the thing was changed last, by the provider's clock; without it, now.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <returns>The origin.</returns>
    public static SnapshotOrigin Api(DateTimeOffset? updatedAt, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        var now = timeProvider.GetUtcNow();
        return new SnapshotOrigin($"api:{Guid.CreateVersion7(now)}", "api", updatedAt ?? now);
    }

    /// <summary>What a comparison with the provider has read.</summary>
    /// <param name="runId">The comparison.</param>
    /// <param name="paddleId">The thing.</param>
    /// <param name="updatedAt">When it was changed last, by the provider's clock; without it, now.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <returns>The origin.</returns>
    public static SnapshotOrigin Reconciliation(Guid runId, string paddleId, DateTimeOffset? updatedAt, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        return new SnapshotOrigin($"reconciliation:{runId}:{paddleId}", "reconciliation", updatedAt ?? timeProvider.GetUtcNow());
    }

    internal SnapshotVersion VersionOf(DateTimeOffset? updatedAt, int rank) => SnapshotVersion.Of(OccurredAt, updatedAt ?? OccurredAt, rank, EventId);
}
