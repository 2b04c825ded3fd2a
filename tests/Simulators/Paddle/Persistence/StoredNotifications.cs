using BotGeneric.Simulators.Paddle.Notifications;
using BotGeneric.Simulators.Paddle.State;

namespace BotGeneric.Simulators.Paddle.Persistence;

/// <summary>Writes notifications without what they refer to, and finds it again.</summary>
/// <param name="world">Keeps the events.</param>
/// <param name="events">Knows the destinations.</param>
internal sealed class StoredNotifications(PaddleWorld world, EventLog events)
{
    public static StoredNotification Write(Notification notification) => new()
    {
        Id = notification.Id,
        EventId = notification.Event.Id,
        Data = notification.Event.Simulated ? notification.Event.Data : null,
        EventType = notification.Event.Simulated ? notification.Event.Type : null,
        OccurredAt = notification.Event.OccurredAt,
        DestinationId = notification.Destination.Id,
        Origin = notification.Origin,
        Status = notification.Status,
        Attempts = notification.Attempts,
        DeliveredAt = notification.DeliveredAt,
        ReplayedAt = notification.ReplayedAt,
        RetryAt = notification.RetryAt,
        CreatedAt = notification.CreatedAt,
        UpdatedAt = notification.UpdatedAt,
    };

    /// <summary>The notification; null when its event is too old to be kept, or its destination is not configured any more.</summary>
    public Notification? Read(StoredNotification row)
    {
        var destination = events.Destinations.FirstOrDefault(known => known.Id == row.DestinationId);
        var happened = row.Data is { } data
            ? new PaddleEvent { Id = row.EventId, Type = row.EventType!, OccurredAt = row.OccurredAt, Data = data, Simulated = true }
            : world.Events.Find(row.EventId);
        return destination is null || happened is null ? null : new Notification
        {
            Id = row.Id,
            Event = happened,
            Destination = destination,
            Origin = row.Origin,
            Status = row.Status,
            Attempts = [.. row.Attempts],
            DeliveredAt = row.DeliveredAt,
            ReplayedAt = row.ReplayedAt,
            RetryAt = row.RetryAt,
            CreatedAt = row.CreatedAt,
            UpdatedAt = row.UpdatedAt,
        };
    }
}
