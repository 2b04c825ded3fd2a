using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace BotGeneric.ServiceDefaults.Problems;

/// <summary>A place in a body: where it is, in the API's own spelling, and what is expected there.</summary>
/// <param name="Path">The way there, such as <c>limits[0].amount</c>; <c>$</c> for the body itself.</param>
/// <param name="Type">What is expected; null when that is not known.</param>
/// <param name="Stranger">The object whose field it would be, if there were one of that name; null when there is, or when that is not known.</param>
internal sealed record BodyPlace(string Path, Type? Type, JsonTypeInfo? Stranger)
{
    /// <summary>The body itself.</summary>
    internal const string Whole = "$";

    // A name that nobody has given is whatever the caller sent.
    private const int LongestPath = 200;

    private static readonly char[] Marks = ['.', '['];
    private static readonly char[] Quoted = [.. " .'/\"[]()\\\u0085\u2028\u2029"];

    /// <summary>Follows the path that the reader gives for a fault.</summary>
    /// <param name="path">The path, such as <c>$.limits[0]['a.b']</c>.</param>
    /// <param name="body">What the body is read as; null when that is not known.</param>
    /// <param name="options">How it is read.</param>
    internal static BodyPlace Find(string? path, Type? body, JsonSerializerOptions options)
    {
        var written = new StringBuilder();
        var type = body;
        JsonTypeInfo? stranger = null;
        foreach (var (name, isIndex) in Steps(path ?? Whole))
        {
            stranger = null;
            var info = InfoOf(type, options);
            if (isIndex)
            {
                written.Append('[').Append(name).Append(']');
                type = info?.ElementType;
                continue;
            }

            type = info?.ElementType;
            var spelled = name;
            if (info?.Kind == JsonTypeInfoKind.Object)
            {
                var known = info.Properties.FirstOrDefault(field => string.Equals(field.Name, name, StringComparison.OrdinalIgnoreCase));
                (type, spelled, stranger) = (known?.PropertyType, known?.Name ?? name, known is null ? info : null);
            }

            Append(written, spelled);
        }

        return new BodyPlace(written.Length == 0 ? Whole : Shorten(written.ToString()), type, stranger);
    }

    /// <summary>The path of a field of what is at this place.</summary>
    /// <param name="field">The field's name.</param>
    internal string PathOf(string field)
    {
        var written = new StringBuilder(Path == Whole ? string.Empty : Path);
        Append(written, field);
        return Shorten(written.ToString());
    }

    /// <summary>The place of a field of what is at this place.</summary>
    /// <param name="field">The field's name.</param>
    /// <param name="options">How the body is read.</param>
    internal BodyPlace Within(string field, JsonSerializerOptions options) =>
        new(PathOf(field), InfoOf(Type, options)?.Properties.FirstOrDefault(known => known.Name == field)?.PropertyType, null);

    private static JsonTypeInfo? InfoOf(Type? type, JsonSerializerOptions options) =>
        type is not null && options.TryGetTypeInfo(Nullable.GetUnderlyingType(type) ?? type, out var info) ? info : null;

    private static void Append(StringBuilder path, string name)
    {
        if (name.Length == 0 || name.IndexOfAny(Quoted) >= 0)
        {
            path.Append("['").Append(name).Append("']");
            return;
        }

        path.Append(path.Length == 0 ? string.Empty : ".").Append(name);
    }

    private static string Shorten(string path)
    {
        if (path.Length <= LongestPath)
        {
            return path;
        }

        // Half of a character is no text.
        var end = char.IsHighSurrogate(path[LongestPath - 1]) ? LongestPath - 1 : LongestPath;
        return string.Create(CultureInfo.InvariantCulture, $"{path.AsSpan(0, end)}…");
    }

    private static IEnumerable<(string Name, bool IsIndex)> Steps(string path)
    {
        var at = path.StartsWith('$') ? 1 : 0;
        while (at < path.Length)
        {
            var isQuoted = path.AsSpan(at).StartsWith("['", StringComparison.Ordinal);
            var isIndex = !isQuoted && path[at] == '[';
            var start = at + (isQuoted ? 2 : 1);
            var end = isQuoted ? path.IndexOf("']", start, StringComparison.Ordinal)
                : isIndex ? path.IndexOf(']', start)
                : path.IndexOfAny(Marks, Math.Min(start, path.Length));
            end = end < 0 ? path.Length : end;
            yield return (path[Math.Min(start, end)..end], isIndex);
            at = end + (isQuoted ? 2 : isIndex ? 1 : 0);
        }
    }
}
