using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace BotGeneric.Usage.Ingest;

/// <summary>
/// Reads values from where they stand in a body. The events of a batch mostly have the same source, model and so on: a text that stands where the same one
/// stood in the event before is not made anew.
/// </summary>
/// <param name="body">The body.</param>
internal readonly ref struct BodyValues(ReadOnlySpan<byte> body)
{
    /// <summary>How many places there are whose texts are kept.</summary>
    public const int Places = 24;

    private readonly ReadOnlySpan<byte> _body = body;
    private readonly (JsonToken Token, string Text)[] _previous = new (JsonToken, string)[Places];

    public ReadOnlySpan<byte> Raw(JsonToken token) => _body.Slice(token.Start, token.Length);

    /// <summary>A text of 1 to so many characters; null for anything else. PostgreSQL's text cannot hold U+0000, and a lone surrogate is no text at all.</summary>
    public string? Text(JsonToken token, int maximumLength, int place = -1)
    {
        if (token.Type != JsonTokenType.String || token.Length == 0)
        {
            return null;
        }

        var bytes = Raw(token);
        if (token.IsEscaped)
        {
            return Usable(Unescaped(token), maximumLength);
        }

        if (place >= 0 && _previous[place].Token.IsPresent && bytes.SequenceEqual(Raw(_previous[place].Token)))
        {
            return _previous[place].Text;
        }

        // No character is longer than 3 bytes in UTF-8 and one in UTF-16.
        if (bytes.Length > maximumLength * 3 || !Utf8.IsValid(bytes))
        {
            return null;
        }

        var text = Usable(Encoding.UTF8.GetString(bytes), maximumLength);
        if (place >= 0 && text is not null)
        {
            _previous[place] = (token, text);
        }

        return text;
    }

    public bool Is(JsonToken token, ReadOnlySpan<byte> text, string unescaped) =>
        token.Type == JsonTokenType.String && (token.IsEscaped ? Unescaped(token) == unescaped : Raw(token).SequenceEqual(text));

    public Guid? Id(JsonToken token)
    {
        if (token.Type != JsonTokenType.String)
        {
            return null;
        }

        if (token.IsEscaped)
        {
            return Guid.TryParseExact(Unescaped(token), "D", out var escaped) ? escaped : null;
        }

        var bytes = Raw(token);
        return bytes.Length == 36 && Utf8Parser.TryParse(bytes, out Guid id, out var read, 'D') && read == bytes.Length ? id : null;
    }

    public long? Whole(JsonToken token)
    {
        var bytes = Raw(token);
        return token.Type == JsonTokenType.Number && Utf8Parser.TryParse(bytes, out long number, out var read) && read == bytes.Length ? number : null;
    }

    public DateTimeOffset? Time(JsonToken token)
    {
        if (token.Type != JsonTokenType.String)
        {
            return null;
        }

        var json = ReaderAt(token);
        return json.TryGetDateTimeOffset(out var time) ? time.ToUniversalTime() : null;
    }

    /// <summary>A name as it was sent, shortened.</summary>
    public string Printable(JsonToken name)
    {
        var text = name.IsEscaped ? Unescaped(name) ?? string.Empty : Encoding.UTF8.GetString(Raw(name));
        return text.Length > 50 ? text[..50] + "…" : text;
    }

    private string? Unescaped(JsonToken token)
    {
        try
        {
            var json = ReaderAt(token);
            return json.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private Utf8JsonReader ReaderAt(JsonToken text)
    {
        var json = new Utf8JsonReader(_body.Slice(text.Start - 1, text.Length + 2));
        json.Read();
        return json;
    }

    private static string? Usable(string? text, int maximumLength) =>
        text is { Length: > 0 } && text.Length <= maximumLength && !text.Contains('\0') ? text : null;
}
