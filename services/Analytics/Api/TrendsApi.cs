using System.ComponentModel;
using System.Security.Claims;
using BotGeneric.Analytics.Trends;
using BotGeneric.Contracts.Identity;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Analytics.Api;

/// <summary>How usage develops.</summary>
public static class TrendsApi
{
    /// <summary>Maps <c>GET /api/analytics/trends</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapTrendsApi(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/analytics/trends", GetAsync)
            .RequireScope(ApiScopes.AnalyticsRead)
            .WithTags("Trends")
            .WithSummary("Get usage over time");

    /// <summary>
    /// Usage of an account, in hours or days (UTC), from rollups. Usage counts within moments of its acceptance. Hours and days without
    /// usage are left out. Those who run the system may name any account, or none to see all together; for others another account is 404.
    /// </summary>
    internal static async Task<Results<Ok<UsageTrend>, ProblemHttpResult>> GetAsync(
        ClaimsPrincipal user,
        TrendsQuery query,
        TimeProvider timeProvider,
        CancellationToken cancellationToken,
        [Description("The account; by default the caller's own, and all for those who run the system.")] Guid? account = null,
        [Description("From this time on, rounded down to the hour, RFC 3339; 30 days before `to` by default.")] DateTimeOffset? from = null,
        [Description("Up to this time, exclusive, rounded up to the hour, RFC 3339; now by default.")] DateTimeOffset? to = null,
        [Description("hour or day; day by default.")] EnumParameter<TrendGranularity>? granularity = null)
    {
        var width = granularity?.Value ?? TrendGranularity.Day;
        if (from is { Year: < 2000 or > 2999 } || to is { Year: < 2000 or > 2999 })
        {
            return ApiProblems.Invalid(from is { Year: < 2000 or > 2999 } ? "from" : "to", "Send a time in the years 2000 to 2999.");
        }

        var end = TrendsQuery.RoundUp((to ?? timeProvider.GetUtcNow()).ToUniversalTime());
        var start = TrendsQuery.RoundDown((from ?? end - TrendsQuery.DefaultSpan).ToUniversalTime());
        if (start >= end)
        {
            return ApiProblems.Invalid("from", "Send a time before `to`.");
        }

        if (end - start > TrendsQuery.MaximumSpan(width))
        {
            return ApiProblems.Invalid(
                "from", $"Ask for a span of at most {TrendsQuery.MaximumSpan(width).TotalDays:0} days by {width.ToString().ToLowerInvariant()}.");
        }

        if (account is null && Caller.Of(user).IsAdmin)
        {
            return TypedResults.Ok(await query.GetAsync(account: null, start, end, width, cancellationToken));
        }

        var access = AccountAccess.Read(user, account);
        if (!access.IsGranted)
        {
            return access.Problem;
        }

        return TypedResults.Ok(await query.GetAsync(access.Account, start, end, width, cancellationToken));
    }
}
