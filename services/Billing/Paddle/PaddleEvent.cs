using System.Text.Json;
using System.Text.Json.Serialization;

namespace BotGeneric.Billing.Paddle;

/// <summary>The envelope of every Paddle webhook. Unknown members are ignored: Paddle adds some every year.</summary>
public sealed record PaddleEvent
{
    /// <summary>The same in every delivery of the event.</summary>
    [JsonPropertyName("event_id")]
    public required string EventId { get; init; }

    /// <summary>Such as <c>subscription.updated</c>.</summary>
    [JsonPropertyName("event_type")]
    public required string EventType { get; init; }

    /// <summary>When it happened; up to nine fractional digits.</summary>
    [JsonPropertyName("occurred_at")]
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The entity as it is after the event.</summary>
    [JsonPropertyName("data")]
    public required JsonElement Data { get; init; }

    /// <summary>Reads an envelope.</summary>
    /// <param name="body">The body of the webhook.</param>
    /// <returns>The event, or null when the body is not an envelope.</returns>
    public static PaddleEvent? TryRead(ReadOnlySpan<byte> body)
    {
        try
        {
            var read = JsonSerializer.Deserialize<PaddleEvent>(body, Json);
            return read is { EventId.Length: > 0 and <= 100, EventType.Length: > 0 and <= 100, Data.ValueKind: JsonValueKind.Object } ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>How Paddle's JSON is read.</summary>
    internal static JsonSerializerOptions Json { get; } = new() { RespectNullableAnnotations = true };
}

/// <summary>What this system reads of a Paddle subscription.</summary>
public sealed record PaddleSubscription
{
    /// <summary><c>sub_…</c>.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary><c>active</c>, <c>canceled</c>, <c>past_due</c>, <c>paused</c>, <c>trialing</c>, or what Paddle adds one day.</summary>
    [JsonPropertyName("status")]
    public required string Status { get; init; }

    /// <summary><c>ctm_…</c>.</summary>
    [JsonPropertyName("customer_id")]
    public required string CustomerId { get; init; }

    /// <summary>Null while paused or canceled.</summary>
    [JsonPropertyName("current_billing_period")]
    public PaddlePeriod? CurrentBillingPeriod { get; init; }

    /// <summary>What is subscribed to: a plan and, perhaps, add-ons.</summary>
    [JsonPropertyName("items")]
    public required IReadOnlyList<PaddleSubscriptionItem> Items { get; init; }

    /// <summary>What our checkout attached.</summary>
    [JsonPropertyName("custom_data")]
    public JsonElement? CustomData { get; init; }
}

/// <summary>A billing period, end exclusive.</summary>
/// <param name="StartsAt">Its start.</param>
/// <param name="EndsAt">Its end.</param>
public sealed record PaddlePeriod(
    [property: JsonPropertyName("starts_at")] DateTimeOffset StartsAt,
    [property: JsonPropertyName("ends_at")] DateTimeOffset EndsAt);

/// <summary>One line of a subscription.</summary>
/// <param name="Price">Its price.</param>
public sealed record PaddleSubscriptionItem([property: JsonPropertyName("price")] PaddlePrice Price);

/// <summary>A price, as it was when the line was added.</summary>
/// <param name="Id"><c>pri_…</c>.</param>
public sealed record PaddlePrice([property: JsonPropertyName("id")] string Id);
