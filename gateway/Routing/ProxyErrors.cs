using BotGeneric.Gateway.Localization;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Timeouts;
using Yarp.ReverseProxy.Forwarder;

namespace BotGeneric.Gateway.Routing;

/// <summary>Answers in a service's place when it could not: 503 when it is away, 504 when it is slow, 502 when it broke off.</summary>
internal static class ProxyErrors
{
    private const string RetryAfterSeconds = "5";

    internal static async Task AnswerAsync(HttpContext context, RequestDelegate next, ServiceOutages outages)
    {
        // What a service answers is passed on as it is, empty errors included.
        if (context.Features.Get<IStatusCodePagesFeature>() is { } statusCodePages)
        {
            statusCodePages.Enabled = false;
        }

        await next(context);

        var failure = context.GetForwarderErrorFeature();
        Note(context, failure, outages);
        if (failure is null || context.Response.HasStarted || Describe(context, failure) is not { } problem)
        {
            return;
        }

        // After a timeout the request counts as aborted, although the caller still waits and shall read why.
        if (HasTimedOut(context))
        {
            context.RequestAborted = CancellationToken.None;
        }

        context.Response.Clear();
        if (problem.StatusCode == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
        }

        await problem.ExecuteAsync(context);
    }

    // A caller who hangs up, or whose body breaks off or is too large, says nothing about the service.
    private static void Note(HttpContext context, IForwarderErrorFeature? failure, ServiceOutages outages)
    {
        var service = context.GetReverseProxyFeature().Cluster.Config.ClusterId;
        if (failure is not null && IsOfService(context, failure))
        {
            outages.Failed(
                service, HasTimedOut(context) ? nameof(ForwarderError.RequestTimedOut) : failure.Error.ToString(),
                failure.Exception?.GetBaseException().Message ?? failure.Error.ToString());
        }
        else if (failure is null && context.GetReverseProxyFeature().ProxiedDestination is not null)
        {
            outages.Answered(service);
        }
    }

    private static bool IsOfService(HttpContext context, IForwarderErrorFeature failure) => failure.Error switch
    {
        _ when HasTimedOut(context) => true,
        _ when context.RequestAborted.IsCancellationRequested || IsTooLarge(failure.Exception) => false,
        ForwarderError.NoAvailableDestinations or ForwarderError.Request or ForwarderError.RequestTimedOut or ForwarderError.RequestBodyDestination
            or ForwarderError.ResponseHeaders or ForwarderError.ResponseBodyDestination or ForwarderError.UpgradeRequestDestination
            or ForwarderError.UpgradeResponseDestination => true,
        _ => false,
    };

    private static ProblemHttpResult? Describe(HttpContext context, IForwarderErrorFeature failure)
    {
        var service = context.GetReverseProxyFeature().Cluster.Config.ClusterId;
        return failure.Error switch
        {
            ForwarderError.NoAvailableDestinations => Away(service),
            _ when IsTooLarge(failure.Exception) => RequestLimits.TooLarge(context),
            _ when HasTimedOut(context) || failure.Error == ForwarderError.RequestTimedOut => ApiProblems.Problem(
                StatusCodes.Status504GatewayTimeout, EdgeTexts.Get("service-slow", service)),
            ForwarderError.Request when IsRefused(failure.Exception) => Away(service),
            ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled when context.RequestAborted.IsCancellationRequested => null,
            ForwarderError.RequestBodyClient => ApiProblems.Problem(StatusCodes.Status400BadRequest, EdgeTexts.Get("body-broken")),
            _ => ApiProblems.Problem(
                StatusCodes.Status502BadGateway, EdgeTexts.Get("service-broken", service)),
        };
    }

    private static ProblemHttpResult Away(string service) => ApiProblems.Problem(
        StatusCodes.Status503ServiceUnavailable, EdgeTexts.Get("service-away", service));

    private static bool HasTimedOut(HttpContext context) =>
        context.Features.Get<IHttpRequestTimeoutFeature>()?.RequestTimeoutToken.IsCancellationRequested is true;

    private static bool IsRefused(Exception? exception) => Causes(exception).OfType<HttpRequestException>()
        .Any(cause => cause.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError);

    private static bool IsTooLarge(Exception? exception) =>
        Causes(exception).OfType<BadHttpRequestException>().Any(bad => bad.StatusCode == StatusCodes.Status413PayloadTooLarge);

    private static IEnumerable<Exception> Causes(Exception? exception) => exception switch
    {
        null => [],
        AggregateException several => several.InnerExceptions.SelectMany(Causes),
        _ => Causes(exception.InnerException).Prepend(exception),
    };
}
