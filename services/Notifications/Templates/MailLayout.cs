using System.Text;

namespace BotGeneric.Notifications.Templates;

/// <summary>
/// The HTML around every message. Styles are inline because mail programs drop style sheets; tables for layout are marked as such, so that a
/// screen reader reads the text and no grid. Nothing is loaded from anywhere: no image, no font, nothing that could report who has read it.
/// </summary>
internal static class MailLayout
{
    private const string Paragraph = "margin:0 0 16px;font-size:16px;line-height:24px;color:#1c2330";

    /// <summary>Builds the page. Every argument is HTML already.</summary>
    public static string Html(
        string language, string title, string preheader, string heading, IReadOnlyList<string> body, IReadOnlyList<MailLink> links, string copyLink,
        IReadOnlyList<string> after, IReadOnlyList<string> footer)
    {
        var html = new StringBuilder();
        html.Append(
            $"""
            <!DOCTYPE html>
            <html lang="{language}" dir="ltr">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{title}</title>
            </head>
            <body style="margin:0;padding:0;background-color:#f4f6fa">
            <div style="display:none;max-height:0;overflow:hidden">{preheader}</div>
            <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background-color:#f4f6fa"><tr><td align="center" style="padding:24px 12px">
            <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px;background-color:#ffffff;border-radius:8px">
            <tr><td style="padding:32px;font-family:-apple-system,'Segoe UI',Roboto,Arial,sans-serif">
            <h1 style="margin:0 0 16px;font-size:22px;line-height:30px;color:#1c2330">{heading}</h1>

            """);
        Append(html, body);
        foreach (var link in links)
        {
            html.Append(
                $"""
                <p style="margin:0 0 16px"><a href="{link.Address}" style="display:inline-block;padding:12px 24px;font-size:16px;line-height:24px;color:#ffffff;background-color:#1d4ed8;border-radius:6px;text-decoration:underline">{link.Label}</a></p>

                """);
        }

        Append(html, after);
        if (links.Count > 0)
        {
            html.Append($"<p style=\"margin:0 0 8px;font-size:14px;line-height:20px;color:#4a5568\">{copyLink}</p>\n");
            foreach (var link in links)
            {
                html.Append($"<p style=\"margin:0 0 8px;font-size:14px;line-height:20px;word-break:break-all\"><a href=\"{link.Address}\" style=\"color:#1d4ed8\">{link.Address}</a></p>\n");
            }
        }

        html.Append("</td></tr><tr><td style=\"padding:0 32px 24px;font-family:-apple-system,'Segoe UI',Roboto,Arial,sans-serif\">\n");
        foreach (var paragraph in footer)
        {
            html.Append($"<p style=\"margin:0 0 8px;font-size:13px;line-height:19px;color:#4a5568\">{paragraph}</p>\n");
        }

        return html.Append("</td></tr></table>\n</td></tr></table>\n</body>\n</html>\n").ToString();
    }

    private static void Append(StringBuilder html, IReadOnlyList<string> paragraphs)
    {
        foreach (var paragraph in paragraphs)
        {
            html.Append($"<p style=\"{Paragraph}\">{paragraph}</p>\n");
        }
    }
}
