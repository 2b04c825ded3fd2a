using System.Globalization;
using System.Text;
using System.Text.Json;
using BotGeneric.Usage.Domain;

namespace BotGeneric.Usage.Meters;

/// <summary>The <c>data</c> of an event that meters measure.</summary>
/// <param name="Json">As it is kept.</param>
/// <param name="Feature">Its member <c>feature</c>, if it is a text that could be one.</param>
/// <param name="Quantities">What it adds to the meters that count or sum, by code; null when there is no such meter.</param>
/// <param name="Error">What is wrong; null when nothing is.</param>
internal readonly record struct MeasuredData(string Json, string? Feature, IReadOnlyDictionary<string, decimal>? Quantities, string? Error)
{
    // As deep as a JSON document may be.
    private const int LargestDepth = 64;

    // Beyond what a double holds, and far within what PostgreSQL writes out.
    private const int LargestExponent = 308;

    private const string NotAnObject = "data must be an object with what is measured.";

    /// <summary>Reads it and sees to it that every meter finds its value and the database can keep it.</summary>
    /// <param name="json">The bytes of the object; empty when there is none.</param>
    /// <param name="meters">The meters of the event's type.</param>
    public static MeasuredData Read(ReadOnlySpan<byte> json, IReadOnlyList<Meter> meters)
    {
        if (json.IsEmpty)
        {
            return Wrong(NotAnObject);
        }

        if (json.Length > CloudEventLimits.MaximumDataBytes)
        {
            return Wrong($"data is larger than {CloudEventLimits.MaximumDataBytes} bytes.");
        }

        using var document = Parse(json);
        if (document is null)
        {
            return Wrong($"data is nested deeper than {LargestDepth} levels.");
        }

        var data = document.RootElement;
        if (!IsKeepable(data))
        {
            return Wrong("data holds a number beyond all bounds or a text that is no valid Unicode, or has U+0000.");
        }

        Dictionary<string, decimal>? quantities = null;
        foreach (var meter in meters)
        {
            if (Measure(data, meter, out var quantity) is { } error)
            {
                return Wrong(error);
            }

            if (quantity is { } measured)
            {
                (quantities ??= new(StringComparer.Ordinal))[meter.Code] = measured;
            }
        }

        return new MeasuredData(Encoding.UTF8.GetString(json), FeatureOf(data), quantities, null);
    }

    /// <summary>What an event adds to a meter that adds up or counts.</summary>
    /// <param name="json">The <c>data</c> as it is kept; null for none.</param>
    /// <param name="meter">The meter.</param>
    /// <returns>The quantity; null when the meter has none, or measures nothing in it.</returns>
    public static decimal? QuantityOf(string? json, Meter meter)
    {
        if (json is null)
        {
            return null;
        }

        using var document = JsonDocument.Parse(json);
        return Measure(document.RootElement, meter, out var quantity) is null ? quantity : null;
    }

    // Everything else that is wrong with the text was found when the event was.
    private static JsonDocument? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = LargestDepth });
            return JsonDocument.ParseValue(ref reader);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static MeasuredData Wrong(string error) => new(string.Empty, null, null, error);

    // The quantity is what limits count; of the largest, latest or different values there is no sum that could be told.
    private static string? Measure(JsonElement data, Meter meter, out decimal? quantity)
    {
        quantity = null;
        if (meter.Aggregation == MeterAggregation.Count)
        {
            quantity = 1;
            return null;
        }

        var path = $"data.{meter.ValueProperty}";
        if (Find(data, meter.ValueProperty!) is not { } value)
        {
            return $"{path} is missing; the meter {meter.Code} measures it.";
        }

        if (meter.Aggregation == MeterAggregation.Unique)
        {
            return value.ValueKind is JsonValueKind.String or JsonValueKind.Number ? null : $"{path} must be text or a number.";
        }

        if (MeterValue.Read(value, out var number) is { } error)
        {
            return $"{path} {error}";
        }

        quantity = meter.Aggregation == MeterAggregation.Sum ? number : null;
        return null;
    }

    private static JsonElement? Find(JsonElement data, string path)
    {
        var value = data;
        foreach (var name in path.Split('.'))
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value))
            {
                return null;
            }
        }

        return value;
    }

    private static string? FeatureOf(JsonElement data) =>
        data.TryGetProperty("feature", out var feature) && feature.ValueKind == JsonValueKind.String
        && feature.GetString() is { Length: > 0 and <= CloudEventLimits.MaximumNameLength } text
            ? text
            : null;

    private static bool IsKeepable(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => IsKeepable(value.GetString()!),
                JsonValueKind.Number => value.GetRawText() is { Length: <= 100 } number && IsWithinReach(number),
                JsonValueKind.Object => value.EnumerateObject().All(member => IsKeepable(member.Name) && IsKeepable(member.Value)),
                JsonValueKind.Array => value.EnumerateArray().All(IsKeepable),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    // PostgreSQL writes every digit of a number out, and refuses one of too many.
    private static bool IsWithinReach(string number)
    {
        var exponent = number.AsSpan().IndexOfAny('e', 'E');
        return exponent < 0
            || (int.TryParse(number.AsSpan(exponent + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var power) && Math.Abs(power) <= LargestExponent);
    }

    private static bool IsKeepable(string text) => !text.Contains('\0');
}
