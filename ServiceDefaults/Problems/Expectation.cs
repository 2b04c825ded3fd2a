using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BotGeneric.ServiceDefaults.Http;

namespace BotGeneric.ServiceDefaults.Problems;

/// <summary>Says what to send where something of a type is expected, in terms of JSON and of addresses, never of the type.</summary>
internal static class Expectation
{
    private const int MostNames = 40;

    private static readonly Dictionary<Type, (object Least, object Most)> Ranges = new()
    {
        [typeof(byte)] = (byte.MinValue, byte.MaxValue),
        [typeof(sbyte)] = (sbyte.MinValue, sbyte.MaxValue),
        [typeof(short)] = (short.MinValue, short.MaxValue),
        [typeof(ushort)] = (ushort.MinValue, ushort.MaxValue),
        [typeof(int)] = (int.MinValue, int.MaxValue),
        [typeof(uint)] = (uint.MinValue, uint.MaxValue),
        [typeof(long)] = (long.MinValue, long.MaxValue),
        [typeof(ulong)] = (ulong.MinValue, ulong.MaxValue),
    };

    /// <summary>What to send in a body.</summary>
    /// <param name="type">What is expected; null when that is not known.</param>
    /// <param name="options">How bodies are read.</param>
    /// <param name="cause">Why what was sent could not be read, as the reader says it; null when nothing was sent.</param>
    internal static string InBody(Type? type, JsonSerializerOptions options, Exception? cause = null)
    {
        var plain = Plain(type);
        // The reader says so of a number that is none of the type, and of nothing else of a number.
        if (cause is FormatException && RangeOf(plain) is { } range)
        {
            return range;
        }

        if (plain.IsEnum)
        {
            return OneOf(Enum.GetValues(plain).Cast<object>().Select(value => JsonSerializer.SerializeToElement(value, plain, options).ToString()));
        }

        if (plain == typeof(string))
        {
            return ProblemAdvice.Get(cause is InvalidOperationException && cause.Message.Contains("UTF", StringComparison.Ordinal) ? "encoding" : "text");
        }

        return Simple(plain) is { } simple
            ? ProblemAdvice.Get(simple)
            : ProblemAdvice.Get(KindOf(plain, options) switch
            {
                JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "object",
                JsonTypeInfoKind.Enumerable => "list",
                _ => "other",
            });
    }

    /// <summary>What to send in the query, the path or a header.</summary>
    /// <param name="type">What is expected; null when that is not known.</param>
    /// <param name="sent">What was sent; null when nothing was.</param>
    internal static string InAddress(Type? type, string? sent)
    {
        var plain = Plain(type);
        plain = Plain(plain.IsArray ? plain.GetElementType() : plain);
        if (plain.IsEnum)
        {
            return OneOf(Enum.GetNames(plain));
        }

        if (plain.IsGenericType && plain.GetGenericTypeDefinition() == typeof(EnumParameter<>))
        {
            return OneOf(Enum.GetNames(plain.GetGenericArguments()[0]).Select(JsonNamingPolicy.CamelCase.ConvertName));
        }

        if (BigInteger.TryParse(sent, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) && RangeOf(plain) is { } range)
        {
            return range;
        }

        var simple = plain == typeof(string) ? "text" : Simple(plain) ?? "other";
        return ProblemAdvice.Get(simple is "text" or "integer" or "number" or "boolean" ? $"plain-{simple}" : simple);
    }

    private static Type Plain(Type? type) => type is null ? typeof(object) : Nullable.GetUnderlyingType(type) ?? type;

    private static string? Simple(Type type) => type switch
    {
        _ when type == typeof(bool) => "boolean",
        _ when Ranges.ContainsKey(type) => "integer",
        _ when type == typeof(decimal) || type == typeof(double) || type == typeof(float) => "number",
        _ when type == typeof(Guid) => "uuid",
        _ when type == typeof(DateTimeOffset) || type == typeof(DateTime) => "instant",
        _ when type == typeof(DateOnly) => "date",
        _ when type == typeof(TimeOnly) => "time-of-day",
        _ when type == typeof(TimeSpan) => "duration",
        _ when type == typeof(Uri) => "address",
        _ when type == typeof(byte[]) => "bytes",
        _ => null,
    };

    private static string? RangeOf(Type type)
    {
        if (Ranges.TryGetValue(type, out var range))
        {
            return ProblemAdvice.Get("integer-range", range.Least, range.Most);
        }

        return type == typeof(decimal) ? ProblemAdvice.Get("number-range", decimal.MinValue, decimal.MaxValue) : null;
    }

    private static string OneOf(IEnumerable<string> names) => ProblemAdvice.Get("one-of", string.Join(", ", names.Take(MostNames)));

    private static JsonTypeInfoKind KindOf(Type type, JsonSerializerOptions options) =>
        options.TryGetTypeInfo(type, out var info) ? info.Kind : JsonTypeInfoKind.None;
}
