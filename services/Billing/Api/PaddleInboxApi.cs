using System.ComponentModel;
using System.Security.Claims;
using System.Text.Json;
using BotGeneric.Billing.Auditing;
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
    private static readonly TimeSpan CountedByDefault = TimeSpan.FromDays(1);

    /// <summary>Maps <c>/api/admin/paddle/events</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapPaddleInboxApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/admin/paddle/events").WithTags("Paddle").RequireAuthorization(ApiPolicies.Admin);
        group.MapGet("/", ListAsync).WithSummary("List delivered events");
        group.MapGet("/counts", CountAsync).WithSummary("Count delivered events by what became of them");
        group.MapGet("/{eventId}", GetAsync).WithSummary("Show an event with its body");
        group.MapPost("/{eventId}/replay", ReplayAsync).WithSummary("Try an event again");
        group.MapPost("/replay-failed", ReplayFailedAsync).WithSummary("Try every failed event again");
    }

    /// <summary>Delivered events, newest first.</summary>
    internal static async Task<Results<Ok<Page<DeliveredEvent>>, ProblemHttpResult>> ListAsync(
        [AsParameters] DeliveredEventFilter filter,
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

        if (filter.About is { } about && !about.All(character => char.IsAsciiLetterOrDigit(character) || character == '_'))
        {
            return ApiProblems.Invalid("about", "Send one of Paddle's ids, such as sub_01h04vsc0qhwtsbsxh3422wjs4.");
        }

        var query = filter.Apply(db.WebhookEvents.AsNoTracking());
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

    /// <summary>How many events were delivered since a time, the last day by default, by what became of them.</summary>
    internal static async Task<Ok<EventCounts>> CountAsync(
        BillingDbContext db,
        TimeProvider timeProvider,
        CancellationToken cancellationToken,
        [Description("Stored at or after this time.")] DateTimeOffset? from = null)
    {
        var since = (from ?? timeProvider.GetUtcNow() - CountedByDefault).ToUniversalTime();
        var counts = await db.WebhookEvents.AsNoTracking()
            .Where(inbox => inbox.ReceivedAt >= since)
            .GroupBy(inbox => inbox.Status)
            .Select(group => new { group.Key, Count = group.Count() })
            .ToDictionaryAsync(row => row.Key, row => row.Count, cancellationToken);
        return TypedResults.Ok(new EventCounts(
            since,
            counts.GetValueOrDefault(WebhookEventStatus.Pending),
            counts.GetValueOrDefault(WebhookEventStatus.Applied),
            counts.GetValueOrDefault(WebhookEventStatus.Superseded),
            counts.GetValueOrDefault(WebhookEventStatus.Ignored),
            counts.GetValueOrDefault(WebhookEventStatus.Failed)));
    }

    /// <summary>An event with its body, which names people: that it was read is written down. The body of an event about somebody who was erased is empty.</summary>
    internal static async Task<Results<Ok<DeliveredEventDetail>, ProblemHttpResult>> GetAsync(
        [Description("Paddle's id of the event.")] string eventId,
        BillingDbContext db,
        ClaimsPrincipal user,
        TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        if (await db.WebhookEvents.AsNoTracking().SingleOrDefaultAsync(inbox => inbox.EventId == eventId, cancellationToken) is not { } inbox)
        {
            return Missing(eventId);
        }

        db.Audit(timeProvider.GetUtcNow(), Caller.Of(user).Subject, BillingActions.EventRead, eventId);
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Ok(new DeliveredEventDetail(
            new DeliveredEvent(inbox.EventId, inbox.EventType, inbox.OccurredAt, inbox.ReceivedAt, inbox.Status, inbox.Attempts, inbox.Error),
            inbox.Status == WebhookEventStatus.Pending ? inbox.NextAttemptAt : null,
            JsonElement.Parse(inbox.Body)));
    }

    /// <summary>
    /// Puts an event back to be applied: one that failed, or one of a type that an earlier version ignored. 409 for an event that was
    /// applied: doing it again would change nothing. 409 too for one whose body was emptied because it is about somebody who was erased.
    /// </summary>
    internal static async Task<Results<Accepted, ProblemHttpResult>> ReplayAsync(
        [Description("Paddle's id of the event.")] string eventId,
        BillingDbContext db,
        PaddleInboxSignal signal,
        ClaimsPrincipal user,
        TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // Decided by what the row is when it is written: it may be applied between a look at it and the change.
        var replayed = await db.WebhookEvents
            .Where(row => row.EventId == eventId && row.Body != WebhookEvent.EmptyBody
                && row.Status != WebhookEventStatus.Applied && row.Status != WebhookEventStatus.Superseded)
            .ExecuteUpdateAsync(
                row => row
                    .SetProperty(one => one.Status, WebhookEventStatus.Pending)
                    .SetProperty(one => one.Attempts, 0)
                    .SetProperty(one => one.NextAttemptAt, now),
                cancellationToken);
        if (replayed == 0)
        {
            if (await db.WebhookEvents.AsNoTracking().SingleOrDefaultAsync(row => row.EventId == eventId, cancellationToken) is not { } inbox)
            {
                return Missing(eventId);
            }

            return ApiProblems.Conflict(inbox.Status is WebhookEventStatus.Applied or WebhookEventStatus.Superseded
                ? "The event was applied. Only an event that failed or was ignored can be replayed."
                : "The event is about somebody who was erased, and its body with them: nothing is left to apply. A comparison with Paddle takes over what is still to be known.");
        }

        db.Audit(now, Caller.Of(user).Subject, BillingActions.EventReplayed, eventId);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signal.Raise();
        return TypedResults.Accepted((string?)null);
    }

    /// <summary>Puts every event that has failed back to be applied, and says how many those are. One whose body was emptied is left out.</summary>
    internal static async Task<Accepted<ReplayedEvents>> ReplayFailedAsync(
        BillingDbContext db, PaddleInboxSignal signal, ClaimsPrincipal user, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var replayed = await db.WebhookEvents.Where(inbox => inbox.Status == WebhookEventStatus.Failed && inbox.Body != WebhookEvent.EmptyBody).ExecuteUpdateAsync(
            row => row
                .SetProperty(inbox => inbox.Status, WebhookEventStatus.Pending)
                .SetProperty(inbox => inbox.Attempts, 0)
                .SetProperty(inbox => inbox.NextAttemptAt, now),
            cancellationToken);
        db.Audit(now, Caller.Of(user).Subject, BillingActions.FailedEventsReplayed, "inbox", details: new { Replayed = replayed });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signal.Raise();
        return TypedResults.Accepted((string?)null, new ReplayedEvents(replayed));
    }

    private static ProblemHttpResult Missing(string eventId) => ApiProblems.NotFound($"There is no event {eventId}.");

    private sealed record Position(DateTimeOffset ReceivedAt, string EventId);
}

/// <summary>Which delivered events. Everything that is given must hold.</summary>
public sealed class DeliveredEventFilter
{
    /// <summary>Only in this state.</summary>
    [Description("Only events in this state: pending, applied, superseded, ignored or failed.")]
    public EnumParameter<WebhookEventStatus>? Status { get; init; }

    /// <summary>Only of this type.</summary>
    [Description("Only events of this type, such as subscription.updated.")]
    public string? Type { get; init; }

    /// <summary>Only about this.</summary>
    [Description("Only events that name this id of Paddle's: a subscription, a customer, a transaction. Bodies are searched for it: add a time where there are many events.")]
    public string? About { get; init; }

    /// <summary>Stored at or after.</summary>
    [Description("Stored at or after this time.")]
    public DateTimeOffset? From { get; init; }

    /// <summary>Stored before.</summary>
    [Description("Stored before this time.")]
    public DateTimeOffset? To { get; init; }

    internal IQueryable<WebhookEvent> Apply(IQueryable<WebhookEvent> query)
    {
        query = Status is { Value: var status } ? query.Where(inbox => inbox.Status == status) : query;
        query = Type is { } type ? query.Where(inbox => inbox.EventType == type) : query;
        if (From?.ToUniversalTime() is { } from)
        {
            query = query.Where(inbox => inbox.ReceivedAt >= from);
        }

        if (To?.ToUniversalTime() is { } to)
        {
            query = query.Where(inbox => inbox.ReceivedAt < to);
        }

        if (About is { } about)
        {
            // An underscore stands for any character in a pattern.
            var named = $"%\"{about.Replace("_", "\\_", StringComparison.Ordinal)}\"%";
            query = query.Where(inbox => EF.Functions.Like(inbox.Body, named, "\\"));
        }

        return query;
    }
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

/// <summary>A delivered event with its body.</summary>
/// <param name="Event">The event.</param>
/// <param name="NextAttemptAt">When it is tried next, UTC; null unless it waits.</param>
/// <param name="Body">What Paddle has sent. It names people.</param>
public sealed record DeliveredEventDetail(DeliveredEvent Event, DateTimeOffset? NextAttemptAt, JsonElement Body);

/// <summary>How many events.</summary>
/// <param name="From">Since when, UTC.</param>
/// <param name="Pending">Waiting for the worker.</param>
/// <param name="Applied">Whose effect is committed.</param>
/// <param name="Superseded">Later news was there.</param>
/// <param name="Ignored">Of types that nothing depends on.</param>
/// <param name="Failed">Waiting for an admin.</param>
public sealed record EventCounts(DateTimeOffset From, int Pending, int Applied, int Superseded, int Ignored, int Failed);

/// <summary>What is tried again.</summary>
/// <param name="Replayed">How many events.</param>
public sealed record ReplayedEvents(int Replayed);
