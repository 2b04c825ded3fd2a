using System.ComponentModel;
using BotGeneric.Notifications.Data;
using BotGeneric.Notifications.Deliveries;
using BotGeneric.Notifications.Domain;
using BotGeneric.Notifications.Email;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.ServiceDefaults.Idempotency;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Notifications.Api;

/// <summary>What was sent, to whom as far as the log knows, and what became of it.</summary>
public static class DeliveriesApi
{
    /// <summary>Maps <c>/api/notifications/deliveries</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapDeliveriesApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/notifications/deliveries").WithTags("Deliveries").RequireAuthorization(ApiPolicies.Admin);
        group.MapGet("/", ListAsync).WithSummary("List deliveries");
        group.MapPost("/{id:guid}/retry", RetryAsync).WithIdempotencyKey().WithSummary("Try a failed delivery again");
    }

    /// <summary>Deliveries, newest first. Addresses are masked; what a message says is never shown.</summary>
    internal static async Task<Results<Ok<Page<DeliveryDetail>>, ProblemHttpResult>> ListAsync(
        NotificationsDbContext db,
        CancellationToken cancellationToken,
        [Description("Only deliveries in this state: pending, sent, failed, bounced, expired or suppressed.")] EnumParameter<DeliveryState>? state = null,
        [Description("Only deliveries of this template, such as verify-email.")] string? template = null,
        [Description("Only deliveries that concern this user.")] Guid? user = null,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<Position>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        var query = db.Deliveries.AsNoTracking();
        if (state is { Value: var wanted })
        {
            query = query.Where(delivery => delivery.State == wanted);
        }

        if (template is not null)
        {
            query = query.Where(delivery => delivery.Template == template);
        }

        if (user is { } userId)
        {
            query = query.Where(delivery => delivery.UserId == userId);
        }

        if (request.After is { } after)
        {
            query = query.Where(delivery => delivery.Id < after.Id);
        }

        // UUIDv7 sorts by creation. What is encrypted is not even read.
        var rows = await query
            .OrderByDescending(delivery => delivery.Id)
            .Take(request.Size + 1)
            .Select(delivery => new DeliveryDetail(
                delivery.Id, delivery.EventId, delivery.UserId, delivery.Template, delivery.Language, delivery.MaskedAddress, delivery.State,
                delivery.Attempts, delivery.State == DeliveryState.Pending ? delivery.NextAttemptAt : null, delivery.LastStatusCode, delivery.LastReason,
                delivery.MessageId, delivery.CreatedAt, delivery.SentAt, delivery.ExpiresAt, delivery.ContentDeletedAt))
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(Page<DeliveryDetail>.From(rows, request.Size, row => new Position(row.Id)));
    }

    /// <summary>
    /// Puts a failed delivery back to be tried at once. 409 when it did not fail, or when what it would say is gone: it is kept for a day, and not
    /// longer than the message is of use.
    /// </summary>
    internal static async Task<Results<Accepted, ProblemHttpResult>> RetryAsync(
        Guid id, NotificationsDbContext db, IOptions<EmailOptions> options, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // Locked, so that the deletion of the content cannot come between the look and the change.
        var delivery = await db.Deliveries.FromSql($"SELECT * FROM deliveries WHERE id = {id} FOR UPDATE").SingleOrDefaultAsync(cancellationToken);
        if (delivery is null)
        {
            return ApiProblems.NotFound($"There is no delivery {id}.");
        }

        if (delivery.Retry(timeProvider.GetUtcNow(), options.Value.GiveUpAfter) is { } refusal)
        {
            return ApiProblems.Conflict(Explain(refusal, delivery.State));
        }

        await db.SaveChangesAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT pg_notify({DeliveryWake.Channel}, '')", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Accepted((string?)null);
    }

    private static string Explain(RetryRefusal refusal, DeliveryState state) => refusal switch
    {
        RetryRefusal.Expired => "The message is of no use any more: its time is over. The person has to ask for a new one.",
        RetryRefusal.ContentDeleted => "Address and content of the message have been deleted, so it cannot be sent. The person has to ask for a new one.",
        _ => $"The delivery is {state.ToString().ToLowerInvariant()}. Only one that failed can be tried again.",
    };

    private sealed record Position(Guid Id);
}

/// <summary>A message and what became of it.</summary>
/// <param name="Id">The delivery.</param>
/// <param name="EventId">The event that asked for it.</param>
/// <param name="UserId">The person it concerns; null for somebody without an account.</param>
/// <param name="Template">What is said.</param>
/// <param name="Language"><c>en</c>, <c>ru</c> or <c>uk</c>.</param>
/// <param name="Address">The address, masked.</param>
/// <param name="State">What has become of it.</param>
/// <param name="Attempts">Attempts so far.</param>
/// <param name="NextAttemptAt">When it is tried next, UTC; null when it is not.</param>
/// <param name="LastStatusCode">The SMTP reply code of the last attempt.</param>
/// <param name="LastReason">Why the last attempt ended as it did.</param>
/// <param name="MessageId">The message's <c>Message-ID</c> without angle brackets, to look for in the mail server's log.</param>
/// <param name="CreatedAt">When it was asked for, UTC.</param>
/// <param name="SentAt">When the mail server accepted it, UTC.</param>
/// <param name="ExpiresAt">When it is of no use any more, UTC; null: never.</param>
/// <param name="RetryUntil">Until when a failed one can be tried again, UTC; null when it cannot.</param>
public sealed record DeliveryDetail(
    Guid Id,
    Guid EventId,
    Guid? UserId,
    string Template,
    string Language,
    string Address,
    DeliveryState State,
    int Attempts,
    DateTimeOffset? NextAttemptAt,
    int? LastStatusCode,
    string? LastReason,
    string? MessageId,
    DateTimeOffset CreatedAt,
    DateTimeOffset? SentAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? RetryUntil);
