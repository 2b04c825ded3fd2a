using System.Text.Json.Nodes;
using BotGeneric.Simulators.Paddle.Api;
using BotGeneric.Simulators.Paddle.State;

namespace BotGeneric.Simulators.Paddle.Notifications;

/// <summary><c>/events</c> and <c>/notifications</c>: what happened, and how it was delivered.</summary>
/// <param name="world">Keeps both.</param>
/// <param name="events">Delivers again.</param>
internal sealed class NotificationsApi(PaddleWorld world, EventLog events)
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    public void Map(PaddleRoutes routes)
    {
        routes.Get("/events", ListEvents);
        routes.Get("/notifications", List);
        routes.Get("/notifications/{id}", call => world.Notifications.TryFind(call.Id, out var found) ? Answer.Ok(Shape(found)) : Refusal.NotFound(call.Id));
        routes.Get("/notifications/{id}/logs", Logs);
        routes.Post("/notifications/{id}/replay", Replay, bodyOptional: true);
    }

    private Answer ListEvents(PaddleCall call)
    {
        var types = call.Query.Values("event_type");
        var occurred = call.Query.Times("occurred_at");
        var oldest = world.Clock.Now - Kept;
        return call.Query.Page(
            world.Events.All.Where(row => row.OccurredAt >= oldest && call.Query.Passes(types, row.Type) && occurred(row.OccurredAt)),
            row => row.Envelope(notificationId: null),
            newestFirst: false);
    }

    private Answer List(PaddleCall call)
    {
        var query = call.Query;
        var (statuses, settings, search, types) = (query.Values("status"), query.Values("notification_setting_id"), query.Values("search"), query.Values("filter"));
        var occurred = query.Times("occurred_at");
        return query.Page(
            world.Notifications.All.Where(row => !row.Event.Simulated && query.Passes(statuses, row.Status) && query.Passes(settings, row.Destination.Id)
                && query.Passes(types, row.Event.Type) && occurred(row.Event.OccurredAt)
                && (search is null || search.Any(word => row.Id == word || row.Event.Id == word || (string?)row.Event.Data["id"] == word))),
            Shape);
    }

    private Answer Logs(PaddleCall call)
    {
        if (!world.Notifications.TryFind(call.Id, out var notification))
        {
            return Refusal.NotFound(call.Id);
        }

        return call.Query.Page(notification.Attempts.Select(attempt => new LogRow(attempt)), row => PaddleJson.Of(row.Attempt));
    }

    private Answer Replay(PaddleCall call)
    {
        if (!world.Notifications.TryFind(call.Id, out var notification))
        {
            return Refusal.NotFound(call.Id);
        }

        if (notification.Origin != "event")
        {
            return Refusal.BadRequest("notification_replay_invalid_origin_type", "only a notification with the origin event can be replayed");
        }

        if (notification.Status is not (NotificationStatuses.Delivered or NotificationStatuses.Failed) || notification.Event.OccurredAt < world.Clock.Now - Kept)
        {
            return Refusal.BadRequest("notification_cannot_replay", "the notification is still being delivered, or older than 90 days");
        }

        notification.ReplayedAt = world.Clock.Now;
        var again = events.Notify(notification.Event, notification.Destination, "replay");
        return Answer.Accepted(new JsonObject { ["notification_id"] = again.Id });
    }

    private static JsonObject Shape(Notification notification) => new()
    {
        ["id"] = notification.Id,
        ["type"] = notification.Event.Type,
        ["status"] = notification.Status,
        ["payload"] = notification.Event.Envelope(notification.Id),
        ["occurred_at"] = PaddleJson.Write(notification.Event.OccurredAt),
        ["delivered_at"] = Time(notification.DeliveredAt),
        ["replayed_at"] = Time(notification.ReplayedAt),
        ["origin"] = notification.Origin,
        ["last_attempt_at"] = Time(notification.Attempts.LastOrDefault()?.AttemptedAt),
        ["retry_at"] = Time(notification.RetryAt),
        ["times_attempted"] = notification.Attempts.Count,
        ["notification_setting_id"] = notification.Destination.Id,
    };

    private static string? Time(DateTimeOffset? time) => time is { } value ? PaddleJson.Write(value) : null;

    private sealed record LogRow(DeliveryAttempt Attempt) : IEntity
    {
        public string Id => Attempt.Id;

        public DateTimeOffset CreatedAt => Attempt.AttemptedAt;

        public DateTimeOffset UpdatedAt => Attempt.AttemptedAt;
    }
}
