using System.ComponentModel;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Contracts.Billing.V1;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Api;

/// <summary>What accounts pay for.</summary>
public static class SubscriptionsApi
{
    /// <summary>Maps <c>/api/admin/subscriptions</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapSubscriptionsApi(this IEndpointRouteBuilder app) =>
        app.MapGroup("/api/admin/subscriptions")
            .WithTags("Subscriptions")
            .RequireAuthorization(ApiPolicies.Admin)
            .MapGet("/", ListAsync)
            .WithSummary("List subscriptions");

    /// <summary>Subscriptions of one account or of all, newest first.</summary>
    internal static async Task<Results<Ok<Page<SubscriptionDetail>>, ProblemHttpResult>> ListAsync(
        BillingDbContext db,
        CancellationToken cancellationToken,
        [Description("Only this account's.")] Guid? account = null,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<Position>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        var query = db.Subscriptions.AsNoTracking();
        if (account is { } accountId)
        {
            query = query.Where(subscription => subscription.AccountId == accountId);
        }

        if (request.After is { } after)
        {
            query = query.Where(subscription => subscription.Id < after.Id);
        }

        // UUIDv7 sorts by creation.
        var rows = await query.OrderByDescending(subscription => subscription.Id).Take(request.Size + 1).ToListAsync(cancellationToken);
        var page = Page<Subscription>.From(rows, request.Size, subscription => new Position(subscription.Id));
        return TypedResults.Ok(new Page<SubscriptionDetail>([.. page.Items.Select(SubscriptionDetail.From)], page.NextCursor));
    }

    private sealed record Position(Guid Id);
}

/// <summary>A subscription.</summary>
/// <param name="Id">Our id.</param>
/// <param name="PaddleId">Paddle's id.</param>
/// <param name="AccountId">The account it pays for.</param>
/// <param name="Status">The local state.</param>
/// <param name="PlanCode">The plan, when the price belongs to one.</param>
/// <param name="PlanVersion">The version of the plan that the subscriber holds; 0 without a plan.</param>
/// <param name="GrantsAccess">Whether the account may use the plan.</param>
/// <param name="CurrentPeriodStart">Start of the current period, UTC.</param>
/// <param name="CurrentPeriodEnd">End of the current period, UTC, exclusive.</param>
/// <param name="LastEventAt">Paddle's time of the last change.</param>
/// <param name="Entitlements">What the subscriber is entitled to.</param>
public sealed record SubscriptionDetail(
    Guid Id,
    string? PaddleId,
    Guid AccountId,
    SubscriptionStatus Status,
    string? PlanCode,
    int PlanVersion,
    bool GrantsAccess,
    DateTimeOffset? CurrentPeriodStart,
    DateTimeOffset? CurrentPeriodEnd,
    DateTimeOffset LastEventAt,
    IReadOnlyList<Entitlement> Entitlements)
{
    internal static SubscriptionDetail From(Subscription subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        return new SubscriptionDetail(
            subscription.Id,
            subscription.PaddleId,
            subscription.AccountId,
            subscription.State.Status,
            subscription.PlanCode,
            subscription.PlanVersion,
            subscription.GrantsAccess,
            subscription.State.PeriodStart,
            subscription.State.PeriodEnd,
            subscription.LastEventAt,
            subscription.Entitlements);
    }
}
