using BotGeneric.Gateway.Localization;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Gateway.Routing;

/// <summary>Refuses a body that is too large before a byte of it is read. One without a declared length is cut off by the server while it is read.</summary>
internal static class RequestLimits
{
    internal static Task EnforceAsync(HttpContext context, RequestDelegate next)
    {
        // The proxy lifts the body limit for gRPC, which no route of ours speaks.
        if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) is true)
        {
            return ApiProblems.Problem(StatusCodes.Status415UnsupportedMediaType, EdgeTexts.Get("no-grpc")).ExecuteAsync(context);
        }

        return context.Request.ContentLength > Limit(context)
            ? TooLarge(context).ExecuteAsync(context)
            : next(context);
    }

    internal static ProblemHttpResult TooLarge(HttpContext context) => ApiProblems.Problem(
        StatusCodes.Status413PayloadTooLarge, EdgeTexts.Get("too-large", Limit(context) / 1024));

    private static long Limit(HttpContext context) =>
        context.GetReverseProxyFeature().Route.Config.MaxRequestBodySize ?? GatewayRoute.DefaultMaxBodyBytes;
}
