using System.Text.Json;
using System.Text.Unicode;

namespace BotGeneric.Billing.Paddle;

/// <summary>The envelope of every Paddle webhook. Unknown members are ignored: Paddle adds some every year.</summary>
public sealed record PaddleEvent
{
    private const int MaximumNameLength = 100;

    // Paddle is younger than the one and nobody's clock is at the other; a time out of these bounds would win or lose against all news.
    private static readonly DateTimeOffset Earliest = new(2010, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Latest = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The same in every delivery of the event. <c>evt_…</c>, or <c>ntfsimevt_…</c> when it is a rehearsal.</summary>
    public required string EventId { get; init; }

    /// <summary>Such as <c>subscription.updated</c>. A name with underscores from older plans is turned into the dotted one when it is read.</summary>
    public required string EventType { get; init; }

    /// <summary>When it happened; up to nine fractional digits.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The delivery; absent in the list of events.</summary>
    public string? NotificationId { get; init; }

    /// <summary>The entity as it is after the event.</summary>
    public required JsonElement Data { get; init; }

    /// <summary>Whether it is about nothing: a rehearsal that somebody started at Paddle. It is signed like a true one.</summary>
    public bool IsRehearsal => EventId.StartsWith("ntfsimevt_", StringComparison.Ordinal);

    /// <summary>Reads an envelope.</summary>
    /// <param name="body">The body of the webhook: UTF-8, not nested deeper than 64 levels.</param>
    /// <returns>The event, or null when the body is not an envelope.</returns>
    public static PaddleEvent? TryRead(ReadOnlySpan<byte> body)
    {
        // The JSON reader lets wrong UTF-8 pass inside of strings, and storing the body as text would then change it silently.
        if (!Utf8.IsValid(body))
        {
            return null;
        }

        try
        {
            var read = JsonSerializer.Deserialize(body, PaddleJson.Default.PaddleEvent);
            return read is not null && IsEnvelope(read) ? read with { EventType = PaddleEventTypes.Normalize(read.EventType) } : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>How Paddle's JSON is read.</summary>
    internal static JsonSerializerOptions Json => PaddleJson.Default.Options;

    private static bool IsEnvelope(PaddleEvent read) =>
        IsName(read.EventId)
        && IsName(read.EventType)
        && read.OccurredAt > Earliest
        && read.OccurredAt < Latest
        && read.Data.ValueKind == JsonValueKind.Object;

    // No white space, no control characters: a zero byte, for one, cannot be stored.
    private static bool IsName(string name) => name.Length is > 0 and <= MaximumNameLength && name.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0;
}
