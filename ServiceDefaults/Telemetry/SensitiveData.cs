using System.Buffers;
using System.Text.RegularExpressions;

namespace BotGeneric.ServiceDefaults.Telemetry;

/// <summary>
/// Recognizes what must never reach a log or a trace: keys, tokens, signatures, passwords in connection strings, e-mail addresses
/// and chat ids. It is the last line of defence; code does not write such values in the first place.
/// </summary>
public static partial class SensitiveData
{
    /// <summary>What stands in place of a removed value.</summary>
    public const string Mask = "[redacted]";

    // Without one of these no pattern below can match; most texts, such as the path of a request, have none.
    private static readonly SearchValues<string> Hints = SearchValues.Create(
        ["=", ":", "@", "bearer", "basic", "/telegram/", "bg_", "pdl_", "eyJ", "sk-"], StringComparison.OrdinalIgnoreCase);

    /// <summary>Replaces every sensitive value in <paramref name="text"/> by <see cref="Mask"/>.</summary>
    /// <param name="text">Any text, such as a log line or a URL.</param>
    /// <returns>The same instance when there is nothing to hide; only the mask when the text cannot be looked through in a second.</returns>
    public static string Redact(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.AsSpan().ContainsAny(Hints))
        {
            return text;
        }

        try
        {
            var redacted = Pairs().Replace(text, "${name}" + Mask);
            return Values().Replace(redacted, Mask);
        }
        catch (RegexMatchTimeoutException)
        {
            // What takes this long to look through is not shown at all; whoever logs must not fail for it.
            return Mask;
        }
    }

    /// <summary>Named values: <c>password=…</c>, <c>chat_id: …</c>, <c>Authorization: Bearer …</c>, the path of a bot's webhook.</summary>
    [GeneratedRegex(
        """
        (?<name>
            \b(?:password|passwd|pwd|secret|client_secret|api[_-]?key|token|access_token|refresh_token|id_token|code_verifier|h1)"?\s*[=:]\s*"?
          | \b(?:chat[_-]?id|telegram[_-]?id)"?\s*[=:]\s*"?-?
          | \b(?:bearer|basic)\s+
          | /telegram/webhook/
          | (?:amqps?|postgres(?:ql)?|rediss?)://[^:/\s@]*:
        )
        (?!\[redacted\])[^\s&;,"'<>@/]+
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pairs();

    /// <summary>Values known by their shape: our keys, Paddle's, Telegram's bot tokens, JWTs, e-mail addresses.</summary>
    [GeneratedRegex(
        """
        \bbg_[a-z]+_[A-Za-z0-9_-]{8,}
        | \bpdl_[A-Za-z0-9_]+(?:/[A-Za-z0-9+]+)?
        | (?<![0-9])[0-9]{6,12}:[A-Za-z0-9_-]{30,}
        | \beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*
        | \bsk-[A-Za-z0-9_-]{16,}
        | [A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Values();
}
