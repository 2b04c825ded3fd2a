using System.Security.Cryptography;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Simulators.SignIn.Pages;

/// <summary>What all pages share: the frame, the style, the policy of the browser.</summary>
internal static class Html
{
    private const string Style =
        """
        :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
        body { margin: 0; padding: 1rem; }
        main { max-width: 34rem; margin: 0 auto; }
        h1 { font-size: 1.5rem; }
        form, fieldset { margin: 0 0 1rem; }
        fieldset { border: 1px solid; border-radius: .5rem; padding: 1rem; }
        legend { font-weight: 600; padding: 0 .5rem; }
        label { display: block; margin-bottom: .75rem; }
        input:not([type=checkbox], [type=radio]), select, textarea { display: block; box-sizing: border-box; width: 100%; font: inherit; padding: .5rem; }
        button { display: block; width: 100%; font: inherit; padding: .6rem; margin-bottom: .5rem; cursor: pointer; text-align: start; overflow-wrap: anywhere; }
        textarea { min-height: 8rem; }
        code, dd { overflow-wrap: anywhere; }
        [role=alert] { border-inline-start: .25rem solid; padding-inline-start: .75rem; font-weight: 600; }
        """;

    /// <summary>A text as it may stand in an element or between double quotes.</summary>
    internal static string Encode(string? text) => HtmlEncoder.Default.Encode(text ?? string.Empty);

    /// <summary>Puts a body into the frame.</summary>
    /// <param name="context">Gets the headers.</param>
    /// <param name="title">What the page is, as plain text.</param>
    /// <param name="body">What is in it, encoded.</param>
    /// <param name="formTarget">A URL that a form may lead to, beside this origin: the browser applies the rule to redirects as well.</param>
    /// <param name="script">A script that may run; none by default.</param>
    /// <param name="status">The HTTP status.</param>
    internal static ContentHttpResult Page(
        HttpContext context, string title, string body, string? formTarget = null, string? script = null, int status = StatusCodes.Status200OK)
    {
        var nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var target = formTarget is null ? string.Empty : $" {new Uri(formTarget).GetLeftPart(UriPartial.Authority)}";
        var scriptSource = script is null ? "'none'" : $"'nonce-{nonce}'";
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src 'nonce-{nonce}'; script-src {scriptSource}; form-action 'self'{target}; base-uri 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers.CacheControl = "no-store";
        // With no-referrer the browser would send "Origin: null" with the form, which no real provider's page makes it do.
        headers["Referrer-Policy"] = "strict-origin";
        var scriptElement = script is null ? string.Empty : $"<script nonce=\"{nonce}\">{script}</script>";
        return TypedResults.Content(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Encode(title)}</title>
            <style nonce="{nonce}">{Style}</style>
            </head>
            <body>
            <main>
            <h1>{Encode(title)}</h1>
            {body}
            </main>
            {scriptElement}
            </body>
            </html>
            """,
            "text/html; charset=utf-8",
            statusCode: status);
    }
}
