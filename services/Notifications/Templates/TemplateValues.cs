using System.Globalization;
using System.Text;

namespace BotGeneric.Notifications.Templates;

/// <summary>A request that no template can be filled with.</summary>
/// <param name="key">The member or value at fault.</param>
/// <param name="problem">What is wrong with it; never the value itself, which may be secret.</param>
internal sealed class TemplateException(string key, string problem) : Exception($"'{key}' {problem}")
{
    /// <summary>The member or value at fault.</summary>
    public string Key { get; } = key;
}

/// <summary>Reads the values of a request, and says what stands in the message for each.</summary>
internal sealed class TemplateValues(CultureInfo language, Uri? publicUrl)
{
    private const int LongestLink = 2000;
    private const int LongestText = 150;
    private const int LargestNumber = 100_000;
    private const char WordJoiner = '\u2060';

    private static readonly string[] TimeFormats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <exception cref="TemplateException">A value is missing, unknown or not of its kind.</exception>
    public IReadOnlyDictionary<string, string> Read(TemplateDefinition template, IReadOnlyDictionary<string, string> values)
    {
        if (values.Keys.FirstOrDefault(name => !template.Values.ContainsKey(name)) is { } unknown)
        {
            throw new TemplateException(Printable(unknown), "is no value of this template.");
        }

        return template.Values.ToDictionary(
            value => value.Key,
            value => values.TryGetValue(value.Key, out var text) && !string.IsNullOrWhiteSpace(text)
                ? Read(value.Key, value.Value, text)
                : throw new TemplateException(value.Key, "is missing."),
            StringComparer.Ordinal);
    }

    private string Read(string name, ValueKind kind, string text) => kind switch
    {
        ValueKind.Link => Link(name, text),
        ValueKind.Minutes => MailTexts.Count(Number(name, text), "minutes", language),
        ValueKind.Hours => MailTexts.Count(Number(name, text), "hours", language),
        ValueKind.Days => MailTexts.Count(Number(name, text), "days", language),
        ValueKind.Time => Time(name, text).ToString(MailTexts.Get("format.time", language), language),
        ValueKind.Day => Day(name, text).ToString(MailTexts.Get("format.day", language), language),
        ValueKind.SignInMethod => MailTexts.Find($"method.{text}", language) ?? Text(text),
        ValueKind.Role => MailTexts.Find($"role.{text}", language) ?? Text(text),
        ValueKind.Change => text is "added" or "removed" ? text : throw new TemplateException(name, "is neither 'added' nor 'removed'."),
        _ => Text(text),
    };

    private string Link(string name, string text)
    {
        if (text.Length > LongestLink || !Uri.TryCreate(text, UriKind.Absolute, out var link) || link.Scheme is not ("http" or "https"))
        {
            throw new TemplateException(name, "is not an absolute http or https address.");
        }

        if (link.UserInfo.Length > 0 || (publicUrl is not null && !IsBelow(publicUrl, link)))
        {
            throw new TemplateException(name, "does not lead to Operator:PublicUrl.");
        }

        // Percent-encoded: neither quotes nor spaces nor line breaks are left.
        return link.AbsoluteUri;
    }

    private static bool IsBelow(Uri origin, Uri link)
    {
        var path = origin.AbsolutePath.TrimEnd('/');
        return Uri.Compare(origin, link, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0
            && (path.Length == 0 || link.AbsolutePath == path || link.AbsolutePath.StartsWith($"{path}/", StringComparison.Ordinal));
    }

    private static int Number(string name, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= LargestNumber
            ? number
            : throw new TemplateException(name, $"is not a number from 1 to {LargestNumber}.");

    private static DateTimeOffset Time(string name, string text) =>
        DateTimeOffset.TryParseExact(
            text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new TemplateException(name, "is not a time of RFC 3339.");

    private static DateTimeOffset Day(string name, string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero)
            : Time(name, text);

    /// <summary>
    /// Text that somebody else may have chosen, such as the name of an organization: one line, not endless, and nothing in it that a mail program
    /// would make a link of. Else an invitation would be a way to send anybody any link in the operator's name.
    /// </summary>
    private static string Text(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var letter in Printable(text))
        {
            line.Append(letter);
            if (letter is '.' or '@' or ':' or '/')
            {
                line.Append(WordJoiner);
            }
        }

        return line.ToString();
    }

    internal static string Printable(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            // Control characters would break a header, format characters (bidirectional overrides among them) could turn text around.
            var category = Rune.GetUnicodeCategory(rune);
            if (category is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                line.Append(' ');
            }
            else if (category is not (UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse))
            {
                line.Append(rune.ToString());
            }
        }

        var clean = line.ToString().Trim();
        return clean.Length <= LongestText ? clean : $"{clean[..(char.IsHighSurrogate(clean[LongestText - 1]) ? LongestText - 1 : LongestText)]}…";
    }
}
