using System.ComponentModel;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Subscriptions;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Api;

/// <summary>What accounts pay for and what was given to them, for those who run the system.</summary>
public static class AdminSubscriptionsApi
{
    /// <summary>Maps <c>/api/admin/subscriptions</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapAdminSubscriptionsApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/admin/subscriptions").WithTags("Subscriptions").RequireAuthorization(ApiPolicies.Admin);
        group.MapGet("/", ListAsync).WithSummary("List subscriptions");
        group.MapGet("/{id:guid}", GetAsync).WithSummary("Show a subscription with its payer and its payments");
        group.MapGet("/{id:guid}/timeline", TimelineAsync).WithSummary("Show what has happened to a subscription");
    }

    /// <summary>Subscriptions, newest first.</summary>
    internal static async Task<Results<Ok<Page<AdminSubscription>>, ProblemHttpResult>> ListAsync(
        [AsParameters] SubscriptionFilter filter,
        BillingDbContext db,
        CancellationToken cancellationToken,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<Position>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        if (filter.Search?.Length > SubscriptionFilter.MaximumSearchLength)
        {
            return ApiProblems.Invalid("search", $"Send at most {SubscriptionFilter.MaximumSearchLength} characters.");
        }

        var query = filter.Apply(db);
        if (request.After is { } after)
        {
            query = query.Where(subscription => subscription.Id < after.Id);
        }

        // UUIDv7 sorts by creation.
        var rows = await query.OrderByDescending(subscription => subscription.Id).Take(request.Size + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(Page<AdminSubscription>.From([.. rows.Select(AdminSubscription.From)], request.Size, row => new Position(row.Id)));
    }

    /// <summary>A subscription with its lines, its payer, its latest payments and refunds, and the checkout that it began with.</summary>
    internal static async Task<Results<Ok<AdminSubscriptionDetail>, ProblemHttpResult>> GetAsync(
        [Description("Our id.")] Guid id, SubscriptionReader reader, CancellationToken cancellationToken) =>
        await reader.FindAsync(id, cancellationToken) is { } detail ? TypedResults.Ok(detail) : Missing(id);

    /// <summary>
    /// Everything that has happened to a subscription, newest first: Paddle's events with what became of them, payments, refunds and chargebacks, and what
    /// admins did.
    /// </summary>
    internal static async Task<Results<Ok<Page<TimelineEntry>>, ProblemHttpResult>> TimelineAsync(
        [Description("Our id.")] Guid id,
        BillingDbContext db,
        SubscriptionTimelineReader timeline,
        CancellationToken cancellationToken,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<TimelinePosition>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        if (await db.Subscriptions.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } subscription)
        {
            return Missing(id);
        }

        var rows = await timeline.ReadAsync(subscription, request.After, request.Size + 1, cancellationToken);
        return TypedResults.Ok(Page<TimelineEntry>.From(rows, request.Size, row => new TimelinePosition(row.At, row.Kind, row.Id)));
    }

    private static ProblemHttpResult Missing(Guid id) => ApiProblems.NotFound($"There is no subscription {id}.");

    private sealed record Position(Guid Id);
}
