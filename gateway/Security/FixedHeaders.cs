using Microsoft.Extensions.Primitives;

namespace BotGeneric.Gateway.Security;

/// <summary>The security headers that are the same for every answer, made once.</summary>
internal sealed class FixedHeaders
{
    private const int OneYearInSeconds = 365 * 24 * 60 * 60;

    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues Deny = "DENY";
    private static readonly StringValues Referrer = "strict-origin-when-cross-origin";
    private static readonly StringValues SameOrigin = "same-origin";
    private static readonly StringValues Permissions = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";
    private static readonly StringValues Nothing = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    private static readonly StringValues Transport = $"max-age={OneYearInSeconds}; includeSubDomains";

    private readonly bool _demandsTls;
    private readonly Func<object, Task> _apply;

    internal FixedHeaders(bool isDevelopment)
    {
        // A browser remembers this for a year: never on a developer's localhost.
        _demandsTls = !isDevelopment;
        _apply = Apply;
    }

    /// <summary>Adds them when the answer begins, over what a service said about the same.</summary>
    internal void AddTo(HttpContext context) => context.Response.OnStarting(_apply, context);

    private Task Apply(object state)
    {
        var context = (HttpContext)state;
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = NoSniff;
        headers.XFrameOptions = Deny;
        headers["Referrer-Policy"] = Referrer;
        headers["Cross-Origin-Opener-Policy"] = SameOrigin;
        headers["Cross-Origin-Resource-Policy"] = SameOrigin;
        headers["Permissions-Policy"] = Permissions;
        if (headers.ContentSecurityPolicy.Count == 0)
        {
            headers.ContentSecurityPolicy = Nothing;
        }

        if (_demandsTls && context.Request.IsHttps && !IsThisMachine(context.Request.Host.Host))
        {
            headers.StrictTransportSecurity = Transport;
        }

        headers.Remove("Server");
        headers.Remove("X-Powered-By");
        return Task.CompletedTask;
    }

    private static bool IsThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host is "127.0.0.1" or "[::1]";
}
