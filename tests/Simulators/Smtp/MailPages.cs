using System.Globalization;
using System.Net;
using System.Text;

namespace BotGeneric.Simulators.Smtp;

/// <summary>The inbox as pages for a browser, without scripts.</summary>
internal static class MailPages
{
    /// <summary>For the pages themselves.</summary>
    public const string PagePolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>
    /// For a message's HTML: no script, nothing loaded, an origin of its own. Links may open a new window, which is then an ordinary one: clicking a
    /// link in a mail is what the inbox is for.
    /// </summary>
    public const string MessagePolicy =
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'; sandbox " + Sandbox;

    private const string Sandbox = "allow-popups allow-popups-to-escape-sandbox";

    public static string List(IReadOnlyList<MailSummary> mails, string? to)
    {
        var rows = new StringBuilder();
        foreach (var mail in mails)
        {
            rows.Append(
                CultureInfo.InvariantCulture,
                $"""<tr><td><time datetime="{mail.ReceivedAt:O}">{mail.ReceivedAt:yyyy-MM-dd HH:mm:ss} UTC</time></td><td>{Encode(string.Join(", ", mail.To))}</td><td><a href="/mail/{mail.Id}">{Encode(mail.Subject.Length == 0 ? "(no subject)" : mail.Subject)}</a></td></tr>""");
            rows.Append('\n');
        }

        var title = to is null ? "Inbox" : $"Inbox of {to}";
        return Page(
            title,
            $"""
            <h1>{Encode(title)}</h1>
            <p>Every message that was sent, to whomever, newest first. <a href="/mail{(to is null ? "" : $"?to={Uri.EscapeDataString(to)}")}">Refresh</a></p>
            {(mails.Count == 0 ? "<p>No message yet.</p>" : $"<table><thead><tr><th scope=\"col\">Received</th><th scope=\"col\">To</th><th scope=\"col\">Subject</th></tr></thead><tbody>\n{rows}</tbody></table>")}
            """);
    }

    public static string Message(MailDetail mail) => Page(
        mail.Summary.Subject,
        $"""
        <p><a href="/mail">Inbox</a></p>
        <h1>{Encode(mail.Summary.Subject)}</h1>
        <dl><dt>From</dt><dd>{Encode(mail.Summary.From)}</dd><dt>To</dt><dd>{Encode(string.Join(", ", mail.Summary.To))}</dd></dl>
        {(mail.Html is null ? "" : $"<iframe title=\"The message\" sandbox=\"{Sandbox}\" src=\"/mail/messages/{mail.Summary.Id}/html\"></iframe>")}
        <h2>Plain text</h2>
        <pre>{Encode(mail.Text ?? "(none)")}</pre>
        <h2>Links</h2>
        <ul>{string.Concat(mail.Links.Select(Link))}</ul>
        <details><summary>Headers</summary><pre>{Encode(string.Join('\n', mail.Headers.Select(header => $"{header.Name}: {header.Value}")))}</pre></details>
        """);

    // Only what a browser may safely follow is made a link; anything else is shown as text.
    private static string Link(string link) => link.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || link.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
        ? $"<li><a href=\"{Encode(link)}\" target=\"_blank\" rel=\"noopener noreferrer\">{Encode(link)}</a></li>"
        : $"<li>{Encode(link)}</li>";

    private static string Page(string title, string body) =>
        $$"""
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
        <title>{{Encode(title)}}</title>
        <style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #8886;overflow-wrap:anywhere}iframe{width:100%;height:36rem;border:1px solid #8886;background:#fff}pre{white-space:pre-wrap;overflow-wrap:anywhere}dt{font-weight:600}dd{margin:0 0 .5rem}li{overflow-wrap:anywhere}</style>
        </head><body><main>
        {{body}}
        </main></body></html>
        """;

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
