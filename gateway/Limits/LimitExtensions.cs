using System.Globalization;
using System.Runtime.CompilerServices;
using BotGeneric.Gateway.Authentication;
using BotGeneric.Gateway.Keys;
using BotGeneric.Gateway.Localization;
using BotGeneric.Gateway.Routing;
using BotGeneric.ServiceDefaults.Problems;

namespace BotGeneric.Gateway.Limits;

/// <summary>Turns away what is too much.</summary>
internal static class LimitExtensions
{
    // Three limits; a longer text is put together on the heap.
    private const int LongestHeader = 160;

    internal static void AddLimits(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<RateLimitOptions>()
            .BindConfiguration(RateLimitOptions.SectionName)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton<SharedLimiter>();
        builder.Services.AddSingleton<LocalLimiter>();
        builder.Services.AddSingleton<Limiter>();
    }

    /// <summary>
    /// Counts by address what would make the gateway ask Identity, before it asks. Everything else is counted once it is known who calls, with all
    /// its limits in one step.
    /// </summary>
    internal static void UseLimitsOfUnknownKeys(this WebApplication app)
    {
        var keys = app.Services.GetRequiredService<KeyResolver>();
        var limiter = app.Services.GetRequiredService<Limiter>();
        app.Use((context, next) =>
        {
            var edge = EdgeRequest.Of(context);
            if (edge.Presented.Kind != CredentialKind.Key)
            {
                return next(context);
            }

            if (!keys.TryAnswer(edge.Presented.Value!, out var answer))
            {
                return CountAddressAsync(limiter, context, next);
            }

            edge.Remembered = answer;
            return next(context);
        });
    }

    /// <summary>Counts by address, account and key.</summary>
    internal static void UseLimits(this WebApplication app)
    {
        var limiter = app.Services.GetRequiredService<Limiter>();
        app.Use((context, next) =>
        {
            var rules = EdgeRules.Of(context);
            if (rules.Limit == LimitClass.None || IsProbe(context.Request.Path))
            {
                return next(context);
            }

            var edge = context.Features.Get<EdgeRequest>();
            var request = new LimitRequest(
                rules.Limit,
                edge is { IsAddressCounted: true } ? null : ClientAddress.Of(context.Connection.RemoteIpAddress),
                edge?.Account,
                edge?.Key?.Id,
                edge?.Key?.RequestsPerMinute ?? 0);
            if (request.Count == 0)
            {
                return next(context);
            }

            var counting = limiter.CountAsync(request);
            return counting.IsCompletedSuccessfully ? Go(counting.Result, context, next) : AwaitAsync(counting, context, next);
        });
    }

    private static async Task AwaitAsync(ValueTask<LimitAnswer> counting, HttpContext context, RequestDelegate next) =>
        await Go(await counting, context, next);

    private static async Task CountAddressAsync(Limiter limiter, HttpContext context, RequestDelegate next)
    {
        EdgeRequest.Of(context).IsAddressCounted = true;
        var request = new LimitRequest(EdgeRules.Of(context).Limit, ClientAddress.Of(context.Connection.RemoteIpAddress), null, null, 0);
        await Go(await limiter.CountAsync(request), context, next);
    }

    private static Task Go(LimitAnswer answer, HttpContext context, RequestDelegate next)
    {
        var (decision, unused) = answer;
        var headers = context.Response.Headers;
        var tightest = decision.Tightest();
        headers["RateLimit-Policy"] = decision.Set.Policy;
        headers["RateLimit"] = Header(decision, unused);
        headers["RateLimit-Limit"] = Text(decision.Limits[tightest].Requests);
        headers["RateLimit-Remaining"] = Text(decision.Remaining(tightest, unused));
        headers["RateLimit-Reset"] = Text(decision.Reset(tightest));
        if (decision.Granted > 0)
        {
            return next(context);
        }

        var wait = decision.RetryAfter();
        headers.RetryAfter = Text(wait);
        return ApiProblems.Problem(
            StatusCodes.Status429TooManyRequests, EdgeTexts.Get("too-many", wait)).ExecuteAsync(context);
    }

    private static string Header(Decision decision, int unused)
    {
        var limits = decision.Limits;
        Span<char> buffer = stackalloc char[LongestHeader];
        var header = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture, buffer);
        for (var index = 0; index < limits.Length; index++)
        {
            header.AppendLiteral(index == 0 ? "\"" : ", \"");
            header.AppendLiteral(limits[index].Name);
            header.AppendLiteral("\";r=");
            header.AppendFormatted(decision.Remaining(index, unused));
            header.AppendLiteral(";t=");
            header.AppendFormatted(decision.Reset(index));
        }

        return header.ToStringAndClear();
    }

    private static bool IsProbe(PathString path) =>
        path.Equals("/health", StringComparison.OrdinalIgnoreCase)
        || path.Equals("/alive", StringComparison.OrdinalIgnoreCase)
        || path.Equals("/metrics", StringComparison.OrdinalIgnoreCase);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
