using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace BotGeneric.Gateway.Security;

/// <summary>
/// Removes from a request what only the gateway may say. Who the caller is follows from a credential that services check, where he comes
/// from follows from the connection; the proxy then sets <c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c> itself.
/// </summary>
internal static class ProxyHeaders
{
    private static readonly string[] ForgedPrefixes = ["X-Forwarded-", "X-User-", "X-Tenant-", "X-Original-"];
    private static readonly string[] Forged = ["Forwarded", "X-Real-IP", "X-Client-IP", "traceparent", "tracestate", "baggage", "Request-Id", "Correlation-Context"];
    private static readonly string[] Revealing = ["Server", "X-Powered-By"];

    internal static void Apply(TransformBuilderContext builder)
    {
        builder.AddRequestTransform(StripRequest);
        builder.AddXForwarded(ForwardedTransformActions.Set);
        foreach (var header in Revealing)
        {
            builder.AddResponseHeaderRemove(header, ResponseCondition.Always);
        }
    }

    private static ValueTask StripRequest(RequestTransformContext context)
    {
        foreach (var header in context.HttpContext.Request.Headers.Keys.Where(IsForged))
        {
            context.ProxyRequest.Headers.Remove(header);
        }

        return ValueTask.CompletedTask;
    }

    private static bool IsForged(string header) =>
        Array.Exists(ForgedPrefixes, prefix => header.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        || Forged.Contains(header, StringComparer.OrdinalIgnoreCase);
}
