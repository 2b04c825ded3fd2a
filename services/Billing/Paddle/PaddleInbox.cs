using System.Diagnostics;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Mirror;
using BotGeneric.Billing.Paddle.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace BotGeneric.Billing.Paddle;

/// <summary>The table <c>paddle_inbox</c> as a queue: stored once per event, applied once per event.</summary>
/// <param name="db">Billing's database.</param>
/// <param name="services">The scope, with the handlers of the families of events.</param>
/// <param name="locks">Those that an event takes.</param>
/// <param name="metrics">Counts events that were put off.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Gets the reason of a failed attempt.</param>
public sealed partial class PaddleInbox(
    BillingDbContext db, IServiceProvider services, MirrorLocks locks, PaddleMetrics metrics, TimeProvider timeProvider, ILogger<PaddleInbox> logger)
{
    internal const string SourceName = "BotGeneric.Billing";

    private const int MaximumErrorLength = 2000;
    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>
    /// Stores a delivery. It is safe for Paddle to forget the event once this returns. One that had failed for good is put back to be applied: somebody replays
    /// it because what was wrong is mended. One that succeeded stays as it is.
    /// </summary>
    /// <param name="paddleEvent">The event.</param>
    /// <param name="body">Its body, as it was signed.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    /// <returns>Whether there is something to apply.</returns>
    public async Task<bool> StoreAsync(PaddleEvent paddleEvent, string body, CancellationToken cancellationToken)
    {
        var inbox = WebhookEvent.Receive(
            paddleEvent.EventId,
            paddleEvent.EventType,
            paddleEvent.OccurredAt.ToUniversalTime(),
            body,
            timeProvider.GetUtcNow(),
            Activity.Current?.Id);
        // Looked for first: a conflict with a row that is being written waits for whoever writes it. Of two first deliveries one waits for the other to be committed.
        var isNew = await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO paddle_inbox (event_id, event_type, occurred_at, received_at, body, trace_parent, status, attempts, next_attempt_at)
            SELECT {inbox.EventId}, {inbox.EventType}, {inbox.OccurredAt}, {inbox.ReceivedAt}, {inbox.Body}, {inbox.TraceParent}, {inbox.Status.ToString()}, {inbox.Attempts}, {inbox.NextAttemptAt}
            WHERE NOT EXISTS (SELECT 1 FROM paddle_inbox WHERE event_id = {inbox.EventId})
            ON CONFLICT (event_id) DO NOTHING
            """,
            cancellationToken) == 1;
        // A row that somebody has at this moment is being worked at: Paddle gives up after five seconds, and is not kept waiting for that.
        return isNew || await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE paddle_inbox SET status = {inbox.Status.ToString()}, attempts = 0, next_attempt_at = {inbox.NextAttemptAt}
            WHERE event_id = (SELECT event_id FROM paddle_inbox WHERE event_id = {inbox.EventId} AND status = 'Failed' FOR UPDATE SKIP LOCKED)
            """,
            cancellationToken) == 1;
    }

    /// <summary>
    /// Applies the next due event, if there is one, and commits its effect, its outcome and what is said of it together. One whose payer somebody else holds for long
    /// is put off, so that the others need not wait.
    /// </summary>
    /// <param name="cancellationToken">Cancels; nothing is then committed.</param>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> ApplyNextAsync(CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // A locked row is another worker's; killing that worker unlocks it.
        var inbox = await db.WebhookEvents
            .FromSql($"SELECT * FROM paddle_inbox WHERE status = 'Pending' AND next_attempt_at <= {now} ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED")
            .SingleOrDefaultAsync(cancellationToken);
        if (inbox is null)
        {
            return false;
        }

        ActivityContext.TryParse(inbox.TraceParent, traceState: null, isRemote: true, out var delivery);
        using var activity = Source.StartActivity($"apply {inbox.EventType}", ActivityKind.Consumer, delivery);
        var attempts = inbox.Attempts;
        await transaction.CreateSavepointAsync("before", cancellationToken);
        // What fails is taken back as a whole, so that no savepoint is needed in between.
        db.Database.AutoSavepointsEnabled = false;
        locks.GivesUp = true;
        try
        {
            inbox.Settle(await ApplyAsync(inbox, cancellationToken));
            if (await ErasedPayers.AreNamedAsync(db, locks, inbox.Body, cancellationToken))
            {
                inbox.Empty();
            }

            await db.SaveChangesAsync(cancellationToken);
        }
        catch (LockHeldException lockHeld)
        {
            await PutOffAsync(transaction, inbox.EventId, lockHeld.Pause, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            var isConflict = BillingConflicts.IsConflict(exception);
            if (isConflict)
            {
                LogConflict(logger, inbox.EventId, inbox.EventType);
            }
            else
            {
                LogFailed(logger, exception, inbox.EventId, inbox.EventType);
                activity?.SetStatus(ActivityStatusCode.Error);
            }

            if (!await TryNoteFailureAsync(transaction, inbox.EventId, exception, isConflict, cancellationToken))
            {
                await NoteFailureElsewhereAsync(inbox.EventId, attempts, exception, cancellationToken);
                return true;
            }
        }

        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private async Task<WebhookEventStatus> ApplyAsync(WebhookEvent inbox, CancellationToken cancellationToken)
    {
        // Somebody may have been erased between a replay and now.
        if (inbox.IsEmptied || PaddleEventTable.Find(services, inbox.EventType) is not { } handler)
        {
            return WebhookEventStatus.Ignored;
        }

        var paddleEvent = PaddleEvent.TryRead(System.Text.Encoding.UTF8.GetBytes(inbox.Body))
            ?? throw new InvalidOperationException("The stored body is no envelope.");
        return await handler.HandleAsync(paddleEvent, cancellationToken) == MirrorOutcome.Applied ? WebhookEventStatus.Applied : WebhookEventStatus.Superseded;
    }

    // Without the locks that the attempt took, which go with the savepoint; the row stays ours. Nothing is an attempt that has begun with nothing.
    private async Task PutOffAsync(IDbContextTransaction transaction, string eventId, TimeSpan pause, CancellationToken cancellationToken)
    {
        await transaction.RollbackToSavepointAsync("before", cancellationToken);
        db.ChangeTracker.Clear();
        (await db.WebhookEvents.SingleAsync(row => row.EventId == eventId, cancellationToken)).PutOff(pause, timeProvider.GetUtcNow());
        await db.SaveChangesAsync(cancellationToken);
        metrics.PutOff();
    }

    // The row stays locked by this transaction, so the failure is noted before anybody else can try.
    private async Task<bool> TryNoteFailureAsync(
        IDbContextTransaction transaction, string eventId, Exception exception, bool isConflict, CancellationToken cancellationToken)
    {
        try
        {
            await transaction.RollbackToSavepointAsync("before", cancellationToken);
        }
        catch (Exception lost) when (lost is NpgsqlException or InvalidOperationException or IOException)
        {
            return false;
        }

        db.ChangeTracker.Clear();
        NoteFailure(await db.WebhookEvents.SingleAsync(row => row.EventId == eventId, cancellationToken), exception, isConflict);
        await db.SaveChangesAsync(cancellationToken);
        return true;
    }

    // The event has taken the connection with it, and so the lock. Without a note it would be the first one for ever, and nothing behind it would be applied.
    private async Task NoteFailureElsewhereAsync(string eventId, int attempts, Exception exception, CancellationToken cancellationToken)
    {
        await using var scope = services.GetRequiredService<IServiceScopeFactory>().CreateAsyncScope();
        var other = scope.ServiceProvider.GetRequiredService<BillingDbContext>();
        await using var transaction = await other.Database.BeginTransactionAsync(cancellationToken);
        var inbox = await other.WebhookEvents
            .FromSql($"SELECT * FROM paddle_inbox WHERE event_id = {eventId} AND status = 'Pending' AND attempts = {attempts} FOR UPDATE SKIP LOCKED")
            .SingleOrDefaultAsync(cancellationToken);
        if (inbox is not null)
        {
            NoteFailure(inbox, exception, isConflict: false);
            await other.SaveChangesAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private void NoteFailure(WebhookEvent inbox, Exception exception, bool isConflict)
    {
        var error = exception.GetBaseException().Message;
        error = error.Length > MaximumErrorLength ? error[..MaximumErrorLength] : error;
        var now = timeProvider.GetUtcNow();
        if (isConflict && inbox.Attempts < BillingConflicts.MaximumTries)
        {
            inbox.Yield(error, now);
        }
        else
        {
            inbox.Fail(error, now);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Paddle event {EventId} ({EventType}) could not be applied; it is tried again later")]
    private static partial void LogFailed(ILogger logger, Exception exception, string eventId, string eventType);

    [LoggerMessage(Level = LogLevel.Information, Message = "Paddle event {EventId} ({EventType}) met another change of the same things; it is tried again at once")]
    private static partial void LogConflict(ILogger logger, string eventId, string eventType);
}
