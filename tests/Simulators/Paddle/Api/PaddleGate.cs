using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.Paddle.Api;

/// <summary>What stands before every call of the API: the limit, the key, the version, and what a test made go wrong.</summary>
/// <param name="options">The key.</param>
/// <param name="limit">The limit.</param>
/// <param name="faults">What goes wrong.</param>
/// <param name="timeProvider">Measures the latency.</param>
internal sealed partial class PaddleGate(IOptions<PaddleSimulatorOptions> options, PaddleRateLimit limit, PaddleFaults faults, TimeProvider timeProvider) : IEndpointFilter
{
    private const string Version = "1";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var path = PaddlePaths.BelowApi(http.Request.Path);
        if (faults.Latency is var latency && latency > TimeSpan.Zero)
        {
            await Task.Delay(latency, timeProvider, http.RequestAborted);
        }

        if (Refuse(http, path) is { } refusal)
        {
            return (Answer)refusal;
        }

        if (faults.Take(http.Request.Method, path) is not { } fault)
        {
            return await next(context);
        }

        if (fault.CutAfterWork)
        {
            await next(context);
            http.Abort();
            return Results.Empty;
        }

        if (fault.RetryAfterSeconds is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        var status = fault.Status ?? StatusCodes.Status503ServiceUnavailable;
        return (Answer)new Refusal(status, fault.Code ?? UsualCode(status), "A test asked for this error.");
    }

    private Refusal? Refuse(HttpContext http, string path)
    {
        if (limit.Count(http.Connection.RemoteIpAddress, path.EndsWith("preview", StringComparison.Ordinal)) is { } wait)
        {
            http.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
            return new Refusal(StatusCodes.Status429TooManyRequests, "too_many_requests", "IP address exceeded the allowed rate limit. Retry after the number of seconds in the Retry-After header.");
        }

        var authorization = http.Request.Headers.Authorization.ToString();
        if (authorization.Length == 0)
        {
            return new Refusal(StatusCodes.Status403Forbidden, "authentication_missing", "Authentication header missing.");
        }

        if (!authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) || !AnyKey().IsMatch(authorization["Bearer ".Length..]))
        {
            return new Refusal(StatusCodes.Status403Forbidden, "authentication_malformed", "Authentication header included, but incorrectly formatted.");
        }

        if (options.Value.ApiKey is not { } key
            || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(authorization["Bearer ".Length..]), Encoding.UTF8.GetBytes(key)))
        {
            return new Refusal(StatusCodes.Status403Forbidden, "invalid_token", "Invalid or revoked API key.");
        }

        // Paddle falls back to the account's version. Who relies on that breaks when it changes, so here the header is demanded.
        return http.Request.Headers["Paddle-Version"].ToString() == Version
            ? null
            : Refusal.BadRequest("bad_request", "The header Paddle-Version is missing, or names a version other than 1.");
    }

    private static string UsualCode(int status) => status switch
    {
        StatusCodes.Status403Forbidden => "forbidden",
        StatusCodes.Status404NotFound => "not_found",
        StatusCodes.Status409Conflict => "concurrent_modification",
        StatusCodes.Status429TooManyRequests => "too_many_requests",
        StatusCodes.Status500InternalServerError => "internal_error",
        StatusCodes.Status502BadGateway => "bad_gateway",
        StatusCodes.Status503ServiceUnavailable => "service_unavailable",
        _ => "bad_request",
    };

    [GeneratedRegex("^pdl_(live|sdbx)_apikey_[a-z0-9]{26}_[A-Za-z0-9]{22}_[A-Za-z0-9]{3}$")]
    private static partial Regex AnyKey();
}
