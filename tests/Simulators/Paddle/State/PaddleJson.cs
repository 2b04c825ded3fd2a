using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace BotGeneric.Simulators.Paddle.State;

/// <summary>How Paddle writes: snake_case, every member present, RFC 3339 times with 0 to 9 fractional digits.</summary>
internal static class PaddleJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new TimeConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutWhatIsNotShown } },
    };

    public static JsonObject Of<T>(T value) => JsonSerializer.SerializeToNode(value, Options)!.AsObject();

    public static JsonObject? Clone(JsonObject? node) => node?.DeepClone().AsObject();

    /// <summary>Reads a time of the wire. Finer than 100 ns is cut off.</summary>
    public static bool TryReadTime(string? text, out DateTimeOffset time)
    {
        time = default;
        return text is { Length: > 10 and < 40 } && text[10] is 'T' or 't'
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }

    public static string Write(DateTimeOffset time)
    {
        var utc = time.ToUniversalTime();
        // Some of Paddle's times have 9 digits. The last two stay below half of our own resolution, so that a reader who rounds and one who
        // cuts off find the same time.
        return (utc.Ticks / TimeSpan.TicksPerMillisecond % 7) == 3
            ? utc.ToString("yyyy-MM-ddTHH:mm:ss.fffffff", CultureInfo.InvariantCulture) + $"{utc.Ticks % 43 + 1:00}Z"
            : utc.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture);
    }

    private static void LeaveOutWhatIsNotShown(JsonTypeInfo type)
    {
        for (var index = type.Properties.Count - 1; index >= 0; index--)
        {
            if (type.Properties[index].AttributeProvider?.IsDefined(typeof(NotShownAttribute), inherit: true) == true)
            {
                type.Properties.RemoveAt(index);
            }
        }
    }

    private sealed class TimeConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TryReadTime(reader.GetString(), out var time) ? time : throw new JsonException("Not an RFC 3339 time.");

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(PaddleJson.Write(value));
    }
}
