using System.Text.Json;
using BotGeneric.Billing.Data;

namespace BotGeneric.Billing.Reconciliation;

/// <summary>Something that differs.</summary>
/// <param name="Field">What, such as <c>status</c> or <c>totals.tax</c>.</param>
/// <param name="Ours">Here.</param>
/// <param name="Theirs">There.</param>
internal sealed record FieldDifference(string Field, string? Ours, string? Theirs)
{
    /// <summary>The field of something that was not here at all.</summary>
    internal const string Missing = "missing";

    /// <summary>The field of something that is here and of which Paddle does not know.</summary>
    internal const string Unknown = "unknownAtProvider";

    /// <summary>The field of something that could not be taken over.</summary>
    internal const string Unreadable = "unreadable";
}

/// <summary>Compares what is held with what the provider says, field by field, whatever fields there are.</summary>
internal static class SnapshotComparison
{
    private const int MaximumLength = 1000;

    /// <summary>Compares two descriptions.</summary>
    /// <param name="ours">What is held.</param>
    /// <param name="theirs">What the provider says, in the same shape.</param>
    internal static IReadOnlyList<FieldDifference> Compare<T>(T ours, T theirs) =>
        Compare(JsonSerializer.SerializeToElement(ours, JsonColumn.Json), JsonSerializer.SerializeToElement(theirs, JsonColumn.Json));

    /// <summary>Compares two JSON objects, objects in them member by member and lists as a whole.</summary>
    internal static IReadOnlyList<FieldDifference> Compare(JsonElement ours, JsonElement theirs) => [.. Walk(string.Empty, ours, theirs)];

    private static IEnumerable<FieldDifference> Walk(string path, JsonElement? ours, JsonElement? theirs)
    {
        if (Kind(ours) == JsonValueKind.Object && Kind(theirs) == JsonValueKind.Object)
        {
            var names = ours!.Value.EnumerateObject().Concat(theirs!.Value.EnumerateObject()).Select(member => member.Name).Distinct(StringComparer.Ordinal);
            return names.SelectMany(name => Walk(path.Length == 0 ? name : $"{path}.{name}", Member(ours.Value, name), Member(theirs.Value, name)));
        }

        return AreEqual(ours, theirs) ? [] : [new FieldDifference(path, Text(ours), Text(theirs))];
    }

    // What is absent and what is null say the same.
    private static JsonValueKind Kind(JsonElement? value) => value is { ValueKind: not JsonValueKind.Undefined } present ? present.ValueKind : JsonValueKind.Null;

    private static bool AreEqual(JsonElement? ours, JsonElement? theirs) => Kind(ours) == JsonValueKind.Null || Kind(theirs) == JsonValueKind.Null
        ? Kind(ours) == Kind(theirs)
        : JsonElement.DeepEquals(ours!.Value, theirs!.Value);

    private static JsonElement? Member(JsonElement value, string name) => value.TryGetProperty(name, out var member) ? member : null;

    private static string? Text(JsonElement? value)
    {
        var text = Kind(value) switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.String => value!.Value.GetString(),
            _ => value!.Value.GetRawText(),
        };
        return text?.Length > MaximumLength ? text[..MaximumLength] : text;
    }
}
