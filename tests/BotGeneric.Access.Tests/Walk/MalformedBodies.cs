using System.Text;
using System.Text.Json.Nodes;

namespace BotGeneric.Access.Tests.Walk;

/// <summary>A body that nobody can have meant.</summary>
/// <param name="Kind">For messages.</param>
/// <param name="Bytes">The body.</param>
/// <param name="MustBeRefused">Whether there is no operation for which it could be right.</param>
internal sealed record MalformedBody(string Kind, byte[] Bytes, bool MustBeRefused);

/// <summary>Makes malformed bodies of a good one.</summary>
internal static class MalformedBodies
{
    private const string Unknown = "noSuchField";

    private static readonly (string Kind, string Json)[] Values =
    [
        ("null", "null"), ("an object with an unknown field", $$"""{"{{Unknown}}":1}"""), ("a list of lists", "[[[]]]"), ("a list of null", "[null]"),
        ("a text that means nothing", "\"no such value\""), ("an empty text", "\"\""), ("half of a character", "\"\\ud800\""), ("a zero byte", "\"a\\u0000\""),
        ("a huge number", "1e400"), ("a number with a fraction", "0.5"), ("a number below zero", "-1"), ("a number beyond 64 bits", "99999999999999999999"),
    ];

    /// <summary>Makes them.</summary>
    /// <param name="good">A body that fits.</param>
    public static IEnumerable<MalformedBody> Of(string good)
    {
        yield return Text("nothing", string.Empty, true);
        yield return Text("null", "null", true);
        yield return Text("a text", "\"text\"", true);
        yield return Text("a number", "5", true);
        yield return Text("a list of numbers", "[5]", false);
        yield return Text("an empty list", "[]", good.StartsWith('{'));
        yield return Text("an unfinished object", "{\"a", true);
        yield return Text("an unfinished body", good[..^1], true);
        yield return Text("more than one body", good + good, true);
        yield return Text("no JSON", "<xml/>", true);
        yield return new MalformedBody("bytes that are no UTF-8", [(byte)'{', (byte)'"', 0xff, 0xfe, (byte)'"', (byte)':', (byte)'1', (byte)'}'], false);
        yield return Text("depths", string.Concat(Enumerable.Repeat("{\"a\":", 200)) + "1" + new string('}', 200), false);
        if (JsonNode.Parse(good) is not JsonObject sample)
        {
            yield break;
        }

        yield return Text("an unknown field", With(sample, Unknown, "1"), false);
        yield return Text("an empty object", "{}", false);
        foreach (var name in sample.Select(member => member.Key).ToList())
        {
            var less = (JsonObject)sample.DeepClone();
            less.Remove(name);
            yield return Text($"no {name}", less.ToJsonString(), false);
            foreach (var (kind, value) in Values)
            {
                yield return Text($"{kind} as {name}", With(sample, name, value), false);
            }

            // One level below, where a list or an object is sent.
            var inner = sample[name] switch { JsonArray { Count: > 0 } list => list[0] as JsonObject, JsonObject member => member, _ => null };
            foreach (var field in inner?.Select(member => member.Key).ToList() ?? [])
            {
                foreach (var (kind, value) in Values)
                {
                    var changed = With(inner!, field, value);
                    yield return Text($"{kind} as {name}.{field}", With(sample, name, sample[name] is JsonArray ? $"[{changed}]" : changed), false);
                }
            }
        }
    }

    // As text: a number of any size can be written, and none of them is a number of .NET.
    private static string With(JsonObject sample, string name, string value)
    {
        const string Mark = "the-value-goes-here";
        var changed = (JsonObject)sample.DeepClone();
        changed[name] = Mark;
        return changed.ToJsonString().Replace($"\"{Mark}\"", value, StringComparison.Ordinal);
    }

    private static MalformedBody Text(string kind, string body, bool mustBeRefused) => new(kind, Encoding.UTF8.GetBytes(body), mustBeRefused);
}
