using BotGeneric.Contracts.Identity;
using BotGeneric.Gateway.Authentication;
using BotGeneric.Gateway.Session;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace BotGeneric.Gateway.Security;

/// <summary>
/// Removes from a request what only the gateway may say, and puts the credential in the one form that services know: an access token. Who the
/// caller is follows from that, where he comes from follows from the connection; the proxy then sets <c>X-Forwarded-For</c>, <c>-Proto</c>
/// and <c>-Host</c> itself.
/// </summary>
internal static class ProxyHeaders
{
    private const string BearerKey = "Bearer " + ApiKeyFormat.Prefix;

    private static readonly string[] ForgedPrefixes = ["X-Forwarded-", "X-User-", "X-Tenant-", "X-Internal-", "X-Original-"];
    private static readonly HashSet<string> Forged = new(StringComparer.OrdinalIgnoreCase)
    {
        "Forwarded", "X-Real-IP", "X-Client-IP", "traceparent", "tracestate", "baggage", "Request-Id", "Correlation-Context",
    };

    internal static void Apply(TransformBuilderContext builder)
    {
        builder.AddRequestTransform(PrepareRequest);
        builder.AddXForwarded(ForwardedTransformActions.Set);
        builder.AddResponseTransform(ProtectSession);
        builder.AddResponseTransform(builder.Services.GetRequiredService<SessionChanges>().ApplyAsync);
    }

    private static ValueTask PrepareRequest(RequestTransformContext context)
    {
        var headers = context.ProxyRequest.Headers;
        foreach (var (header, _) in context.HttpContext.Request.Headers)
        {
            if (IsForged(header))
            {
                headers.Remove(header);
            }
        }

        SetCredential(context);
        if (context.HttpContext.Request.Headers.Cookie is { Count: > 0 } cookies)
        {
            var sent = cookies.ToString();
            var kept = SessionCookies.Without(sent);
            if (!ReferenceEquals(kept, sent))
            {
                headers.Remove(HeaderNames.Cookie);
                if (kept is not null)
                {
                    headers.TryAddWithoutValidation(HeaderNames.Cookie, kept);
                }
            }
        }

        return ValueTask.CompletedTask;
    }

    private static void SetCredential(RequestTransformContext context)
    {
        var headers = context.ProxyRequest.Headers;
        var request = context.HttpContext.Request.Headers;
        headers.Remove(Credential.KeyHeader);
        if (context.HttpContext.Features.Get<EdgeRequest>()?.Authorization is { } authorization)
        {
            headers.Remove(HeaderNames.Authorization);
            headers.TryAddWithoutValidation(HeaderNames.Authorization, authorization);
        }
        else if (request.Authorization is [{ } sent, ..] && sent.StartsWith(BearerKey, StringComparison.OrdinalIgnoreCase))
        {
            // A key is for the gateway alone, also one that it did not accept.
            headers.Remove(HeaderNames.Authorization);
        }
    }

    // A service that is made to set the session's cookie would put a person into somebody else's session.
    private static ValueTask ProtectSession(ResponseTransformContext context)
    {
        if (context.ProxyResponse is { } response && response.Headers.TryGetValues(HeaderNames.SetCookie, out var cookies))
        {
            var forged = cookies.Where(cookie => SessionCookies.IsSession(cookie.AsSpan(0, Math.Max(0, cookie.IndexOf('='))).Trim())).ToList();
            if (forged.Count > 0)
            {
                var headers = context.HttpContext.Response.Headers;
                headers.SetCookie = headers.SetCookie.Where(cookie => !forged.Contains(cookie!)).ToArray();
            }
        }

        return ValueTask.CompletedTask;
    }

    private static bool IsForged(string header)
    {
        // All of them begin with one of these letters; most headers do not.
        switch (header[0] | 0x20)
        {
            case 'x':
                foreach (var prefix in ForgedPrefixes)
                {
                    if (header.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                    {
                        return true;
                    }
                }

                return Forged.Contains(header);
            case 'f' or 't' or 'b' or 'r' or 'c':
                return Forged.Contains(header);
            default:
                return false;
        }
    }
}
