using System.Text.Json;

namespace BotGeneric.Access.Tests.Walk;

/// <summary>Makes a value that fits a JSON schema as OpenAPI 3.1 documents have it.</summary>
internal static class SampleValue
{
    private const int MaximumDepth = 8;

    /// <summary>Makes a value.</summary>
    /// <param name="document">The document, for references.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="named">The value of a member whose name says what it means; null for others.</param>
    /// <param name="text">What free texts hold.</param>
    /// <param name="depth">How deep in the value this is.</param>
    public static object? Of(JsonElement document, JsonElement schema, Func<string, object?> named, string text, int depth = 0)
    {
        if (depth > MaximumDepth || schema.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (schema.TryGetProperty("$ref", out var reference))
        {
            return Of(document, Resolve(document, reference.GetString()!), named, text, depth + 1);
        }

        foreach (var choice in new[] { "allOf", "oneOf", "anyOf" })
        {
            if (schema.TryGetProperty(choice, out var options))
            {
                return Of(document, options.EnumerateArray().First(option => !IsNull(option)), named, text, depth + 1);
            }
        }

        if (schema.TryGetProperty("enum", out var values))
        {
            return values[0].ValueKind == JsonValueKind.String ? values[0].GetString() : values[0];
        }

        return Type(schema) switch
        {
            "integer" or "number" => schema.TryGetProperty("minimum", out var minimum) ? minimum.GetInt64() : 1,
            "boolean" => true,
            "array" => new[] { schema.TryGetProperty("items", out var items) ? Of(document, items, named, text, depth + 1) : null },
            "object" => Members(document, schema, named, text, depth),
            "string" => Text(schema, text),
            _ => new Dictionary<string, object?>(),
        };
    }

    private static Dictionary<string, object?> Members(JsonElement document, JsonElement schema, Func<string, object?> named, string text, int depth) =>
        schema.TryGetProperty("properties", out var properties)
            ? properties.EnumerateObject().ToDictionary(member => member.Name, member => named(member.Name) ?? Of(document, member.Value, named, text, depth + 1))
            : [];

    private static string Text(JsonElement schema, string text) => (schema.TryGetProperty("format", out var format) ? format.GetString() : null) switch
    {
        "uuid" => Guid.CreateVersion7().ToString(),
        "date-time" => "2026-01-01T00:00:00Z",
        "date" => "2026-01-01",
        "uri" => "https://example.test/",
        "email" => "walk@example.test",
        _ => text,
    };

    private static string? Type(JsonElement schema)
    {
        if (!schema.TryGetProperty("type", out var type))
        {
            return schema.TryGetProperty("properties", out _) ? "object" : null;
        }

        return type.ValueKind == JsonValueKind.Array
            ? type.EnumerateArray().Select(one => one.GetString()).FirstOrDefault(one => one is not ("null" or "string"))
                ?? type.EnumerateArray().Select(one => one.GetString()).FirstOrDefault(one => one != "null")
            : type.GetString();
    }

    private static bool IsNull(JsonElement schema) => schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() == "null";

    /// <summary>Follows a reference within a document.</summary>
    /// <param name="document">The document.</param>
    /// <param name="reference">The reference: <c>#/components/schemas/…</c>.</param>
    public static JsonElement Resolve(JsonElement document, string reference) =>
        reference.TrimStart('#', '/').Split('/').Aggregate(document, (element, name) => element.GetProperty(name.Replace("~1", "/", StringComparison.Ordinal)));
}
