using Microsoft.AspNetCore.Builder;

namespace BotGeneric.WebUi.Http;

/// <summary>
/// The content security policy of our pages. It is sent by the service that renders the page; the gateway adds the other security
/// headers and would answer a page without a policy with one that forbids everything.
/// </summary>
public static class PageHeaders
{
    // Everything comes from our own origin; scripts and styles are files, so neither needs a nonce or a hash.
    internal const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        + "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>Sends the policy with every answer of this process.</summary>
    /// <param name="app">The process.</param>
    /// <returns>The same process.</returns>
    public static WebApplication UsePageHeaders(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
            return next(context);
        });
        return app;
    }
}
