using BotGeneric.Billing.Auditing;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Reconciliation;

/// <summary>Begins comparisons: one at a time, over all processes.</summary>
/// <param name="db">Billing's database.</param>
/// <param name="options">When.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class ReconciliationSchedule(BillingDbContext db, IOptions<ReconciliationOptions> options, TimeProvider timeProvider)
{
    // "recb" in ASCII: who begins one looks first whether there is one, and two must not look at once.
    private const int BeginLock = 1919247202;

    // A service that has just been set up writes its plans to the provider first.
    private static readonly TimeSpan BeforeFirst = TimeSpan.FromMinutes(1);

    /// <summary>Begins a comparison for an admin.</summary>
    /// <param name="isFull">Whether everything is compared, not only what has changed since the last one.</param>
    /// <param name="actor">Who.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The comparison, and whether it is a new one; the one that runs otherwise.</returns>
    internal async Task<(ReconciliationRun Run, bool IsNew)> BeginAsync(bool isFull, string actor, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await FindRunningAsync(cancellationToken) is { } running)
        {
            return (running, false);
        }

        var run = Add(ReconciliationTrigger.Admin, isFull ? null : await SinceAsync(cancellationToken));
        db.Audit(timeProvider.GetUtcNow(), actor, BillingActions.ReconciliationStarted, run.Id.ToString(), details: new { IsFull = isFull, run.Since });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (run, true);
    }

    /// <summary>The comparison to go on with, or to begin because it is time.</summary>
    /// <param name="processStartedAt">When this process began to look, UTC.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The comparison; null when there is nothing to do.</returns>
    internal async Task<ReconciliationRun?> DueAsync(DateTimeOffset processStartedAt, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await FindRunningAsync(cancellationToken) is { } running)
        {
            return running;
        }

        if (!options.Value.Enabled || await TriggerAsync(processStartedAt, cancellationToken) is not { } trigger)
        {
            return null;
        }

        var run = Add(trigger, await SinceAsync(cancellationToken));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return run;
    }

    private async Task<ReconciliationTrigger?> TriggerAsync(DateTimeOffset processStartedAt, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        var last = await db.ReconciliationRuns.AsNoTracking().OrderByDescending(run => run.StartedAt).Select(run => (DateTimeOffset?)run.StartedAt)
            .FirstOrDefaultAsync(cancellationToken);
        if (last is not { } tried)
        {
            return now - processStartedAt >= BeforeFirst ? ReconciliationTrigger.First : null;
        }

        // A failed one counts as tried: it is not begun again all the time.
        if (now - tried >= options.Value.DowntimeAfter)
        {
            var delivery = await db.WebhookEvents.AsNoTracking().MaxAsync(inbox => (DateTimeOffset?)inbox.ReceivedAt, cancellationToken);
            if (delivery is null || now - delivery >= options.Value.DowntimeAfter)
            {
                return ReconciliationTrigger.Downtime;
            }
        }

        return IsNight(now, tried) ? ReconciliationTrigger.Nightly : null;
    }

    // Also when the time has passed while no process ran.
    private bool IsNight(DateTimeOffset now, DateTimeOffset last)
    {
        var today = new DateTimeOffset(now.UtcDateTime.Date + options.Value.At.ToTimeSpan(), TimeSpan.Zero);
        return last < (today <= now ? today : today.AddDays(-1));
    }

    // What was changed after the last whole comparison began may have been missed by it.
    private async Task<DateTimeOffset?> SinceAsync(CancellationToken cancellationToken) => await db.ReconciliationRuns.AsNoTracking()
        .Where(run => run.Status == ReconciliationStatus.Completed)
        .OrderByDescending(run => run.StartedAt)
        .Select(run => (DateTimeOffset?)run.StartedAt)
        .FirstOrDefaultAsync(cancellationToken) - options.Value.Overlap;

    private async Task<ReconciliationRun?> FindRunningAsync(CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({BeginLock}, 0)", cancellationToken);
        return await db.ReconciliationRuns.AsNoTracking()
            .Where(run => run.Status == ReconciliationStatus.Running)
            .OrderBy(run => run.StartedAt)
            .FirstOrDefaultAsync(cancellationToken);
    }

    private ReconciliationRun Add(ReconciliationTrigger trigger, DateTimeOffset? since)
    {
        var now = timeProvider.GetUtcNow();
        var run = new ReconciliationRun { Id = Guid.CreateVersion7(now), Trigger = trigger, Since = since, StartedAt = now, Status = ReconciliationStatus.Running };
        db.ReconciliationRuns.Add(run);
        return run;
    }
}
