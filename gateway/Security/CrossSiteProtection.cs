using BotGeneric.Gateway.Authentication;
using BotGeneric.Gateway.Localization;
using BotGeneric.Gateway.Routing;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.Extensions.Options;

namespace BotGeneric.Gateway.Security;

/// <summary>
/// Refuses what another site made a browser send. The algorithm is the one that ASP.NET Core 11 publishes: safe methods pass; an origin
/// that is trusted passes; <c>Sec-Fetch-Site</c> decides where there is one; else <c>Origin</c> must be the host; a request with neither is
/// no browser's. On top of it, what a script sends with the session cookie carries <c>X-CSRF: 1</c>, which no form and no link can.
/// </summary>
internal sealed class CrossSiteProtection
{
    private const string ScriptHeader = "X-CSRF";

    private readonly HashSet<string> _trusted;

    public CrossSiteProtection(IOptions<IdentityOptions> identity, IOptions<CorsSettings> cors)
    {
        _trusted = new HashSet<string>(cors.Value.AllowCredentials ? cors.Value.Origins : [], StringComparer.OrdinalIgnoreCase)
        {
            identity.Value.NormalizedIssuer.TrimEnd('/'),
        };
    }

    internal Task EnforceAsync(HttpContext context, RequestDelegate next)
    {
        if (IsSafe(context.Request.Method) || !IsConcerned(context, out var isSession))
        {
            return next(context);
        }

        if (!IsFromHere(context.Request))
        {
            return ApiProblems.Problem(StatusCodes.Status403Forbidden, EdgeTexts.Get("other-site")).ExecuteAsync(context);
        }

        return isSession && !IsForm(context.Request) && context.Request.Headers[ScriptHeader] != "1"
            ? ApiProblems.Problem(
                StatusCodes.Status403Forbidden, EdgeTexts.Get("script-header", ScriptHeader)).ExecuteAsync(context)
            : next(context);
    }

    private static bool IsConcerned(HttpContext context, out bool isSession)
    {
        isSession = false;
        switch (EdgeRules.Of(context).CrossSite)
        {
            case CrossSiteRule.Exempt:
                return false;
            case CrossSiteRule.Always:
                return true;
            default:
                return isSession = context.Features.Get<EdgeRequest>()?.Kind == CredentialKind.Session;
        }
    }

    private bool IsFromHere(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        if (origin.Length > 0 && _trusted.Contains(origin))
        {
            return true;
        }

        if (request.Headers.TryGetValue("Sec-Fetch-Site", out var site) && site.Count > 0)
        {
            return site.ToString() is "same-origin" or "none";
        }

        if (origin.Length == 0)
        {
            return true;
        }

        return Uri.TryCreate(origin, UriKind.Absolute, out var from)
            && string.Equals(from.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase)
            && string.Equals(from.Scheme, request.Scheme, StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsSafe(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);

    // Forms carry an antiforgery token, which the service that wrote them checks. text/plain is a form's type too, but none of ours.
    private static bool IsForm(HttpRequest request) =>
        request.ContentType is { } type
        && (type.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase)
            || type.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase));
}
