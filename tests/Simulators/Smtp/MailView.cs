using System.Text.RegularExpressions;
using MimeKit;

namespace BotGeneric.Simulators.Smtp;

/// <summary>A received message in short.</summary>
/// <param name="Id">Its id here.</param>
/// <param name="ReceivedAt">When, UTC.</param>
/// <param name="From">The sender as the message says.</param>
/// <param name="To">The envelope's recipients.</param>
/// <param name="Subject">The subject.</param>
/// <param name="MessageId">The <c>Message-ID</c> without angle brackets.</param>
public sealed record MailSummary(Guid Id, DateTimeOffset ReceivedAt, string From, IReadOnlyList<string> To, string Subject, string? MessageId);

/// <summary>A header of a message.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value, decoded.</param>
public sealed record MailHeader(string Name, string Value);

/// <summary>A received message.</summary>
/// <param name="Summary">In short.</param>
/// <param name="Headers">All headers, in their order.</param>
/// <param name="Text">The plain text; null when there is none.</param>
/// <param name="Html">The HTML; null when there is none.</param>
/// <param name="Links">Every address that the HTML, else the text, links to, once each.</param>
public sealed partial record MailDetail(
    MailSummary Summary, IReadOnlyList<MailHeader> Headers, string? Text, string? Html, IReadOnlyList<string> Links)
{
    /// <summary>Reads a message.</summary>
    /// <param name="mail">What was received.</param>
    public static MailDetail Of(ReceivedMail mail)
    {
        ArgumentNullException.ThrowIfNull(mail);
        using var message = Parse(mail);
        return new MailDetail(
            Summarize(mail, message),
            [.. message.Headers.Concat(message.Body?.Headers ?? []).Select(header => new MailHeader(header.Field, header.Value))],
            message.TextBody,
            message.HtmlBody,
            [.. LinksOf(message).Distinct(StringComparer.Ordinal)]);
    }

    /// <summary>Reads a message's summary.</summary>
    /// <param name="mail">What was received.</param>
    public static MailSummary Summarize(ReceivedMail mail)
    {
        using var message = Parse(mail);
        return Summarize(mail, message);
    }

    private static MailSummary Summarize(ReceivedMail mail, MimeMessage message) =>
        new(mail.Id, mail.ReceivedAt, message.From.ToString(), mail.Recipients, message.Subject ?? "", message.MessageId);

    private static MimeMessage Parse(ReceivedMail mail)
    {
        using var stream = new MemoryStream(mail.Raw, writable: false);
        try
        {
            return MimeMessage.Load(stream);
        }
        catch (FormatException)
        {
            // Anything may be sent; it is shown as it came.
            return new MimeMessage { Subject = "(not a MIME message)", Body = new TextPart("plain") { Text = System.Text.Encoding.UTF8.GetString(mail.Raw) } };
        }
    }

    private static IEnumerable<string> LinksOf(MimeMessage message) => message.HtmlBody is { } html
        ? HtmlLink().Matches(html).Select(match => System.Net.WebUtility.HtmlDecode(match.Groups[1].Value))
        : TextLink().Matches(message.TextBody ?? "").Select(match => match.Value);

    [GeneratedRegex("""<a\s[^>]*?href="([^"]*)["]""", RegexOptions.IgnoreCase)]
    private static partial Regex HtmlLink();

    [GeneratedRegex(@"https?://[^\s<>""]+", RegexOptions.IgnoreCase)]
    private static partial Regex TextLink();
}
