using BotGeneric.Billing.Data;
using BotGeneric.Contracts.Billing.V1;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Api;

/// <summary>What can be subscribed to, for everybody.</summary>
public static class PlansApi
{
    /// <summary>Maps <c>/api/plans</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapPlansApi(this IEndpointRouteBuilder app) =>
        app.MapGroup("/api/plans")
            .WithTags("Plans")
            .AllowAnonymous()
            .MapGet("/", ListAsync)
            .WithSummary("List the plans");

    /// <summary>Every plan with what it allows, by code.</summary>
    internal static async Task<Ok<PlanList>> ListAsync(BillingDbContext db, CancellationToken cancellationToken) =>
        TypedResults.Ok(new PlanList([.. (await db.Plans.AsNoTracking()
            .OrderBy(plan => plan.SortOrder).ThenBy(plan => plan.Code)
            .ToListAsync(cancellationToken))
            .Select(plan => new PlanSummary(plan.Code, plan.Terms.Name.En, plan.Version, plan.Terms.Entitlements))]));
}

/// <summary>The plans.</summary>
/// <param name="Items">All of them, by code.</param>
public sealed record PlanList(IReadOnlyList<PlanSummary> Items);

/// <summary>A plan.</summary>
/// <param name="Code">Its stable name.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Version">Its version.</param>
/// <param name="Entitlements">What it allows.</param>
public sealed record PlanSummary(string Code, string Name, int Version, IReadOnlyList<Entitlement> Entitlements);
