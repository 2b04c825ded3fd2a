using System.Globalization;
using MimeKit;

namespace BotGeneric.Simulators.Smtp;

/// <summary>The argument of MAIL and RCPT: <c>FROM:&lt;address&gt; SIZE=1000 BODY=8BITMIME SMTPUTF8</c>.</summary>
/// <param name="Address">The address; empty for the null sender.</param>
/// <param name="Size">What the client says of the message's size.</param>
/// <param name="IsInternational">Whether the client announced an international message.</param>
/// <param name="Error">The reply when the argument is wrong; null when it is right.</param>
internal sealed record SmtpPath(string Address, long? Size, bool IsInternational, string? Error)
{
    private const int LongestPath = 256;

    public static SmtpPath Read(string argument, string keyword, bool mayBeEmpty)
    {
        if (!argument.StartsWith($"{keyword}:<", StringComparison.OrdinalIgnoreCase))
        {
            return Wrong($"501 5.5.4 Syntax: {keyword}:<address>, with the angle brackets");
        }

        var start = keyword.Length + 2;
        var end = argument.IndexOf('>', start);
        if (end < 0 || end - start + 2 > LongestPath)
        {
            return Wrong("501 5.1.7 The path does not end or is too long");
        }

        var address = argument[start..end];
        if (address.Length == 0 ? !mayBeEmpty : !IsAddress(address))
        {
            return Wrong(keyword == "FROM" ? "501 5.1.7 That is no address" : "501 5.1.3 That is no address");
        }

        var path = new SmtpPath(address, null, false, null);
        foreach (var parameter in argument[(end + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            path = path.With(parameter, keyword);
            if (path.Error is not null)
            {
                return path;
            }
        }

        return !path.IsInternational && keyword == "FROM" && !address.All(char.IsAscii)
            ? Wrong("553 5.6.7 An address beyond ASCII needs SMTPUTF8")
            : path;
    }

    private SmtpPath With(string parameter, string keyword)
    {
        var (name, value) = parameter.Split('=', 2) is [var key, var text] ? (key.ToUpperInvariant(), text) : (parameter.ToUpperInvariant(), "");
        return (keyword, name) switch
        {
            ("FROM", "SIZE") => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
                ? this with { Size = size }
                : Wrong("501 5.5.4 SIZE wants a number"),
            ("FROM", "BODY") => value.ToUpperInvariant() is "7BIT" or "8BITMIME" ? this : Wrong("501 5.5.4 BODY is 7BIT or 8BITMIME"),
            ("FROM", "SMTPUTF8") => this with { IsInternational = true },
            ("FROM", "AUTH") => this,
            _ => Wrong($"555 5.5.4 The parameter {name} is not known"),
        };
    }

    private static bool IsAddress(string address) =>
        address.IndexOf('@', StringComparison.Ordinal) > 0 && !address.EndsWith('@') && !address.Any(char.IsWhiteSpace)
        && MailboxAddress.TryParse(address, out var mailbox) && mailbox.Address == address;

    private static SmtpPath Wrong(string error) => new("", null, false, error);
}
