using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using BotGeneric.Simulators.Paddle.State;

namespace BotGeneric.Simulators.Paddle.Notifications;

/// <summary>Something that happened, with the entity as it was then.</summary>
internal sealed class PaddleEvent : IEntity
{
    public required string Id { get; init; }

    public required string Type { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }

    public required JsonObject Data { get; init; }

    /// <summary>Whether Paddle's own simulator made it up.</summary>
    public bool Simulated { get; init; }

    public DateTimeOffset CreatedAt => OccurredAt;

    public DateTimeOffset UpdatedAt => OccurredAt;

    /// <summary>The event as the list of events has it, or with a delivery's id as it is delivered.</summary>
    public JsonObject Envelope(string? notificationId)
    {
        var envelope = new JsonObject
        {
            ["event_id"] = Id,
            ["event_type"] = Type,
            ["occurred_at"] = PaddleJson.Write(OccurredAt),
        };
        if (notificationId is not null)
        {
            envelope["notification_id"] = notificationId;
        }

        envelope["data"] = Data.DeepClone();
        return envelope;
    }
}

/// <summary>The delivery of an event to one destination.</summary>
internal sealed class Notification : IEntity
{
    public required string Id { get; init; }

    public required PaddleEvent Event { get; init; }

    public required Destination Destination { get; init; }

    /// <summary><c>event</c>, or <c>replay</c> for one that was asked for again.</summary>
    public string Origin { get; init; } = "event";

    public string Status { get; set; } = NotificationStatuses.NotAttempted;

    public List<DeliveryAttempt> Attempts { get; init; } = [];

    public DateTimeOffset? DeliveredAt { get; set; }

    public DateTimeOffset? ReplayedAt { get; set; }

    public DateTimeOffset? RetryAt { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; set; }
}

/// <summary>Where notifications go.</summary>
/// <param name="Id">The notification setting, <c>ntfset_…</c>.</param>
/// <param name="Url">The address.</param>
/// <param name="Secret">What they are signed with.</param>
internal sealed record Destination(string Id, Uri Url, [property: JsonIgnore] string Secret);

/// <summary>An attempt and its answer.</summary>
/// <param name="Id">The log entry.</param>
/// <param name="ResponseCode">The HTTP status; 0 when no answer came.</param>
/// <param name="ResponseContentType">The type of the answer.</param>
/// <param name="ResponseBody">The beginning of the answer.</param>
/// <param name="AttemptedAt">When.</param>
internal sealed record DeliveryAttempt(string Id, int ResponseCode, string? ResponseContentType, string ResponseBody, DateTimeOffset AttemptedAt);

/// <summary>How a delivery stands.</summary>
internal static class NotificationStatuses
{
    public const string NotAttempted = "not_attempted";
    public const string NeedsRetry = "needs_retry";
    public const string Delivered = "delivered";
    public const string Failed = "failed";
}
