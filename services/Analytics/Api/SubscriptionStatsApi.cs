using BotGeneric.Analytics.Data;
using BotGeneric.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Analytics.Api;

/// <summary>How many subscriptions there are.</summary>
public static class SubscriptionStatsApi
{
    /// <summary>Maps <c>GET /api/admin/stats/subscriptions</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapSubscriptionStatsApi(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/admin/stats/subscriptions", GetAsync)
            .RequireAuthorization(ApiPolicies.Admin)
            .WithTags("Statistics")
            .WithSummary("Count subscriptions");

    /// <summary>Subscriptions by plan and status, as they are now.</summary>
    internal static async Task<Ok<SubscriptionStats>> GetAsync(AnalyticsDbContext db, CancellationToken cancellationToken) =>
        TypedResults.Ok(new SubscriptionStats(await db.Subscriptions.AsNoTracking()
            .GroupBy(state => new { state.PlanCode, state.Status })
            .OrderBy(group => group.Key.PlanCode).ThenBy(group => group.Key.Status)
            .Select(group => new SubscriptionCount(group.Key.PlanCode, group.Key.Status, group.Count()))
            .ToListAsync(cancellationToken)));
}

/// <summary>Subscriptions by plan and status.</summary>
/// <param name="Items">One entry for each plan and status that occurs.</param>
public sealed record SubscriptionStats(IReadOnlyList<SubscriptionCount> Items);

/// <summary>A count.</summary>
/// <param name="Plan">The plan's code; empty for prices that belong to no plan.</param>
/// <param name="Status">The status.</param>
/// <param name="Count">How many subscriptions.</param>
public sealed record SubscriptionCount(string Plan, string Status, int Count);
