using System.ComponentModel;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Api;

/// <summary>What Paddle has delivered and what became of it.</summary>
public static class PaddleInboxApi
{
    /// <summary>Maps <c>/api/admin/paddle/events</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapPaddleInboxApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/admin/paddle/events").WithTags("Paddle").RequireAuthorization(ApiPolicies.Admin);
        group.MapGet("/", ListAsync).WithSummary("List delivered events");
        group.MapPost("/{eventId}/replay", ReplayAsync).WithSummary("Try an event again");
    }

    /// <summary>Delivered events, newest first.</summary>
    internal static async Task<Results<Ok<Page<DeliveredEvent>>, ProblemHttpResult>> ListAsync(
        BillingDbContext db,
        CancellationToken cancellationToken,
        [Description("Only events in this state: pending, applied, superseded, ignored or failed.")] EnumParameter<WebhookEventStatus>? status = null,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<Position>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        var query = db.WebhookEvents.AsNoTracking();
        if (status is { Value: var wanted })
        {
            query = query.Where(inbox => inbox.Status == wanted);
        }

        if (request.After is { } after)
        {
            query = query.Where(inbox =>
                inbox.ReceivedAt < after.ReceivedAt || (inbox.ReceivedAt == after.ReceivedAt && inbox.EventId.CompareTo(after.EventId) < 0));
        }

        var rows = await query
            .OrderByDescending(inbox => inbox.ReceivedAt).ThenByDescending(inbox => inbox.EventId)
            .Take(request.Size + 1)
            .Select(inbox => new DeliveredEvent(
                inbox.EventId, inbox.EventType, inbox.OccurredAt, inbox.ReceivedAt, inbox.Status, inbox.Attempts, inbox.Error))
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(Page<DeliveredEvent>.From(rows, request.Size, row => new Position(row.ReceivedAt, row.EventId)));
    }

    /// <summary>
    /// Puts an event back to be applied: one that failed, or one of a type that an earlier version ignored. 409 for an event that was
    /// applied: doing it again would change nothing.
    /// </summary>
    internal static async Task<Results<Accepted, ProblemHttpResult>> ReplayAsync(
        string eventId, BillingDbContext db, PaddleInboxSignal signal, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        if (await db.WebhookEvents.SingleOrDefaultAsync(inbox => inbox.EventId == eventId, cancellationToken) is not { } inbox)
        {
            return ApiProblems.NotFound($"There is no event {eventId}.");
        }

        if (!inbox.Replay(timeProvider.GetUtcNow()))
        {
            return ApiProblems.Conflict("The event was applied. Only an event that failed or was ignored can be replayed.");
        }

        await db.SaveChangesAsync(cancellationToken);
        signal.Raise();
        return TypedResults.Accepted((string?)null);
    }

    private sealed record Position(DateTimeOffset ReceivedAt, string EventId);
}

/// <summary>A delivered event.</summary>
/// <param name="EventId">Paddle's id.</param>
/// <param name="EventType">Paddle's type.</param>
/// <param name="OccurredAt">When it happened, UTC.</param>
/// <param name="ReceivedAt">When it was stored, UTC.</param>
/// <param name="Status">What has become of it.</param>
/// <param name="Attempts">Attempts so far.</param>
/// <param name="Error">Why the last attempt failed.</param>
public sealed record DeliveredEvent(
    string EventId, string EventType, DateTimeOffset OccurredAt, DateTimeOffset ReceivedAt, WebhookEventStatus Status, int Attempts, string? Error);
