using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle.Client;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Reconciliation;

/// <summary>
/// Goes through everything at the provider, stage by stage, and notes after every few things how far it has come: whoever takes the comparison up after the
/// process has ended goes on from there. The caller holds the lock of <see cref="BillingWork.Reconciliation"/>.
/// </summary>
/// <param name="scopes">A scope for each thing: one that fails leaves nothing behind for the next.</param>
/// <param name="metrics">Counts.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Gets outages and ends.</param>
internal sealed partial class ReconciliationRunner(
    IServiceScopeFactory scopes, ReconciliationMetrics metrics, TimeProvider timeProvider, ILogger<ReconciliationRunner> logger)
{
    private const int NoteEvery = 50;
    private const int MaximumOutages = 6;
    private const int MaximumErrorLength = 2000;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);

    /// <summary>Runs a comparison to its end.</summary>
    /// <param name="runId">The comparison, begun or interrupted.</param>
    /// <param name="held">The lock.</param>
    /// <param name="cancellationToken">Interrupts; somebody takes it up later.</param>
    public async Task RunAsync(Guid runId, AdvisoryLock held, CancellationToken cancellationToken)
    {
        var run = await ReadAsync(runId, cancellationToken);
        var progress = Progress.Of(run);
        var outages = 0;
        while (true)
        {
            var before = progress.Total;
            try
            {
                await GoOnAsync(run, progress, held, cancellationToken);
                await FinishAsync(run, progress, ReconciliationStatus.Completed, error: null, cancellationToken);
                return;
            }
            catch (PaddleException exception)
            {
                outages = progress.Total > before ? 1 : outages + 1;
                LogOutage(logger, exception, runId, progress.Stage);
                // A key that is refused is refused tomorrow as well: waiting is for outages.
                if (outages >= MaximumOutages || !exception.Failure.MayPass)
                {
                    await FinishAsync(run, progress, ReconciliationStatus.Failed, exception.Message, cancellationToken);
                    return;
                }

                await NoteAsync(run, progress, cancellationToken);
                await Task.Delay(exception.Failure.RetryAfter ?? (FirstPause * Math.Pow(2, outages)), timeProvider, cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogFailed(logger, exception, runId, progress.Stage);
                await FinishAsync(run, progress, ReconciliationStatus.Failed, exception.GetBaseException().Message, cancellationToken);
                return;
            }
        }
    }

    private async Task GoOnAsync(ReconciliationRun run, Progress progress, AdvisoryLock held, CancellationToken cancellationToken)
    {
        for (; progress.Stage < ReconciliationStage.Done; progress.Next())
        {
            await using var scope = scopes.CreateAsyncScope();
            var stages = scope.ServiceProvider.GetRequiredService<ReconciliationSource>();
            await foreach (var thing in stages.ReadAsync(progress.Stage, run, progress.After, cancellationToken))
            {
                progress.Count(thing.Id, await CompareAsync(run.Id, thing, cancellationToken), metrics);
                if (progress.Total % NoteEvery == 0)
                {
                    await NoteAsync(run, progress, cancellationToken);
                    if (!await held.IsHeldAsync(cancellationToken))
                    {
                        throw new InvalidOperationException("The connection that holds the lock of the comparison is lost.");
                    }
                }
            }
        }
    }

    // Two events of one thing at once: the later commit starts again from the earlier one. What cannot be compared whatever is done is written down, and the rest goes on.
    private async Task<Compared> CompareAsync(Guid runId, ReconciledThing thing, CancellationToken cancellationToken)
    {
        try
        {
            return await BillingConflicts.RetryAsync(
                async () =>
                {
                    await using var scope = scopes.CreateAsyncScope();
                    return await thing.CompareAsync(scope.ServiceProvider.GetRequiredService<MirrorReconciler>(), runId, cancellationToken);
                },
                timeProvider,
                cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogUnreadable(logger, exception, thing.Entity, thing.Id);
            await using var noting = scopes.CreateAsyncScope();
            return await noting.ServiceProvider.GetRequiredService<MirrorReconciler>().NoteAsync(
                runId, thing.Entity, thing.Id, new FieldDifference(FieldDifference.Unreadable, null, exception.GetBaseException().GetType().Name), cancellationToken);
        }
    }

    private async Task<ReconciliationRun> ReadAsync(Guid runId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<BillingDbContext>().ReconciliationRuns.AsNoTracking()
            .SingleAsync(row => row.Id == runId, cancellationToken);
    }

    private async Task NoteAsync(ReconciliationRun run, Progress progress, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<BillingDbContext>().ReconciliationRuns.Where(row => row.Id == run.Id).ExecuteUpdateAsync(
            row => row.SetProperty(noted => noted.Position, progress.ToString()).SetProperty(noted => noted.Compared, progress.Total), cancellationToken);
    }

    private async Task FinishAsync(ReconciliationRun run, Progress progress, ReconciliationStatus status, string? error, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BillingDbContext>();
        var found = await db.ReconciliationDifferences.AsNoTracking()
            .Where(row => row.RunId == run.Id)
            .GroupBy(row => new { row.Entity, row.PaddleId })
            .Select(group => group.Count(row => !row.IsHealed) == 0)
            .ToListAsync(cancellationToken);
        var (now, shown) = (timeProvider.GetUtcNow(), error?.Length > MaximumErrorLength ? error[..MaximumErrorLength] : error);
        await db.ReconciliationRuns.Where(row => row.Id == run.Id).ExecuteUpdateAsync(
            row => row
                .SetProperty(noted => noted.Status, status)
                .SetProperty(noted => noted.FinishedAt, now)
                .SetProperty(noted => noted.Position, progress.ToString())
                .SetProperty(noted => noted.Compared, progress.Total)
                .SetProperty(noted => noted.Differences, found.Count)
                .SetProperty(noted => noted.Healed, found.Count(isHealed => isHealed))
                .SetProperty(noted => noted.Error, shown),
            cancellationToken);
        metrics.Finished(run.Trigger, status, now - run.StartedAt);
        LogFinished(logger, run.Id, status, progress.Total, found.Count, found.Count(isHealed => isHealed));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Comparison {Run} with Paddle: {Status}; {Compared} compared, {Differences} differed, {Healed} healed")]
    private static partial void LogFinished(ILogger logger, Guid run, ReconciliationStatus status, int compared, int differences, int healed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Comparison {Run} waits for Paddle at {Stage}")]
    private static partial void LogOutage(ILogger logger, Exception exception, Guid run, ReconciliationStage stage);

    [LoggerMessage(Level = LogLevel.Error, Message = "Comparison {Run} with Paddle ended at {Stage}")]
    private static partial void LogFailed(ILogger logger, Exception exception, Guid run, ReconciliationStage stage);

    [LoggerMessage(Level = LogLevel.Error, Message = "The {Entity} {PaddleId} could not be taken over from Paddle")]
    private static partial void LogUnreadable(ILogger logger, Exception exception, string entity, string paddleId);

    private sealed class Progress
    {
        public ReconciliationStage Stage { get; private set; }

        public string? After { get; private set; }

        public int Total { get; private set; }

        public static Progress Of(ReconciliationRun run)
        {
            var parts = (run.Position ?? string.Empty).Split(':');
            return Enum.TryParse<ReconciliationStage>(parts[0], ignoreCase: true, out var stage) && Enum.IsDefined(stage)
                ? new Progress { Stage = stage, After = parts.Length > 1 && parts[1].Length > 0 ? parts[1] : null, Total = run.Compared }
                : new Progress { Total = run.Compared };
        }

        public void Count(string id, Compared compared, ReconciliationMetrics metrics)
        {
            (After, Total) = (id == ReconciledThing.NoId ? After : id, Total + 1);
            metrics.Compared(compared);
        }

        public void Next() => (Stage, After) = (Stage + 1, null);

        public override string ToString() => $"{Stage}:{After}";
    }
}
