using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace BotGeneric.WebUi.Http;

/// <summary>Tells somebody who looks at pages from a program: what helps the one leads the other astray.</summary>
public static class PageRequests
{
    // Addresses of programs. A person who opens one gets what a program gets.
    private static readonly PathString[] Programs =
    [
        "/api", "/v1", "/webhooks", "/telegram", "/.well-known", "/docs/openapi", "/openapi", "/health", "/alive", "/metrics",
        "/connect/token", "/connect/par", "/connect/introspect", "/connect/revocation", "/connect/revoke", "/connect/deviceauthorization", "/connect/userinfo",
        "/account/external/apple/notifications", "/session/back-channel-logout",
    ];

    /// <summary>
    /// Whether the answer shall be a page: a browser asks for one (<c>Accept: text/html</c>, which scripts and programs send only if they want it) at
    /// an address that is not a program's, and with the browser's own credentials.
    /// </summary>
    /// <param name="request">The request.</param>
    public static bool WantsPage(this HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.AcceptsHtml()
            && !request.Headers.ContainsKey(HeaderNames.Authorization)
            && !Array.Exists(Programs, root => request.Path.StartsWithSegments(root, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether the caller names HTML among what it accepts. That it accepts anything is no wish for a page.</summary>
    /// <param name="request">The request.</param>
    public static bool AcceptsHtml(this HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.GetTypedHeaders().Accept.Any(type => type.MatchesMediaType("text/html") && !type.MatchesAllTypes && type.Quality is not 0);
    }
}
