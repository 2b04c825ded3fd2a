using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using BotGeneric.Contracts;
using BotGeneric.Messaging.Data;

namespace BotGeneric.Messaging.DeadLetters;

/// <summary>
/// A dead letter's body as a person may see it: without the values of members that are marked <see cref="SensitiveAttribute"/>. When in doubt it
/// hides more: a body that cannot be read, in a queue whose event has such members, is not shown at all.
/// </summary>
internal static class ShownBody
{
    private const string UrnPrefix = "urn:message:";

    public static string Of(DeadLetter letter, IReadOnlyCollection<EventRoute> routes)
    {
        var text = Encoding.UTF8.GetString(letter.Body);
        try
        {
            var body = JsonNode.Parse(text);
            var hidden = HiddenNames(letter, MessageTypes(body), routes);
            if (hidden.Count == 0)
                return text;
            // A message that is not where it belongs cannot be told from a secret.
            if (body is not JsonObject root || (letter.Direction == DeadLetterDirections.Consume && root["message"] is not JsonObject))
                return SensitiveAttribute.Mask;
            Hide(root, hidden);
            return root.ToJsonString(EventJson.Options);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            // No JSON, or a member that stands there twice.
            return HiddenNames(letter, [], routes).Count == 0 ? text : SensitiveAttribute.Mask;
        }
    }

    /// <summary>The names in JSON of what the events hide that this letter may hold.</summary>
    private static HashSet<string> HiddenNames(DeadLetter letter, IReadOnlyCollection<string> messageTypes, IReadOnlyCollection<EventRoute> routes)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var route in routes)
        {
            if (route.EventName == letter.Type || route.EventName == letter.Queue || messageTypes.Contains(route.EventName) || route.Queues.Any(queue => queue.Name == letter.Queue))
                Collect(route.EventType, names, []);
        }

        return names;
    }

    private static void Collect(Type type, HashSet<string> names, HashSet<Type> seen)
    {
        if (!seen.Add(type))
            return;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.IsDefined(typeof(SensitiveAttribute)))
                names.Add(property.Name);
            foreach (var inner in Parts(property.PropertyType).Where(part => part.Assembly == typeof(IIntegrationEvent).Assembly))
                Collect(inner, names, seen);
        }
    }

    private static IEnumerable<Type> Parts(Type type) => type.IsGenericType ? type.GetGenericArguments() : [type];

    private static List<string> MessageTypes(JsonNode? body) =>
        body is JsonObject root && root["messageType"] is JsonArray types
            ? [.. types.OfType<JsonValue>().Select(type => type.ToString()).Where(type => type.StartsWith(UrnPrefix, StringComparison.Ordinal)).Select(type => type[UrnPrefix.Length..])]
            : [];

    private static void Hide(JsonNode? node, HashSet<string> names)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array)
                Hide(item, names);
        }

        if (node is not JsonObject members)
            return;
        foreach (var (name, value) in members.ToList())
        {
            if (names.Contains(name))
                members[name] = Masked(value);
            else
                Hide(value, names);
        }
    }

    // Which keys a map has says what is missing in it; only the values are secret.
    private static JsonNode? Masked(JsonNode? value) => value switch
    {
        null => null,
        JsonObject map => new JsonObject(map.Select(member => new KeyValuePair<string, JsonNode?>(member.Key, Masked(member.Value)))),
        _ => JsonValue.Create(SensitiveAttribute.Mask),
    };
}
