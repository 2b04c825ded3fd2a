using BotGeneric.Contracts.Policy.V1;
using BotGeneric.Messaging;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Counting;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Decisions;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Policy.Reconciliation;

/// <summary>Something that did not hold, and was put right.</summary>
/// <param name="AccountId">The account; the nil UUID for the platform.</param>
/// <param name="Kind">
/// <c>holds</c>: a counter is not the sum of its holds, or has none. <c>ledger</c>: a counter is not what the ledger has and what is committed beside. <c>negative</c>: a counter is
/// below zero.
/// </param>
/// <param name="Limit">The limit; null where several are meant.</param>
/// <param name="Drift">By how much the counter was above the truth, in units or money; null where counters were not compared one by one.</param>
public sealed record CounterViolation(Guid AccountId, string Kind, string? Limit, decimal? Drift);

/// <summary>One run over some accounts.</summary>
/// <param name="StartedAt">When it began, UTC.</param>
/// <param name="Accounts">Accounts looked at.</param>
/// <param name="LiveHolds">Holds of theirs that hold.</param>
/// <param name="UnsettledCommits">Commits that the ledger has not heard of yet.</param>
/// <param name="Violations">What did not hold.</param>
/// <param name="Failed">Accounts that could not be looked at, because Redis or the database did not answer or they were too much for a moment; the next round looks again.</param>
public sealed record CounterCheckRun(
    DateTimeOffset StartedAt, int Accounts, int LiveHolds, int UnsettledCommits, IReadOnlyList<CounterViolation> Violations, int Failed = 0);

/// <summary>
/// Looks whether counters are what they are derived from: the ledger's sums, the commits that the ledger has not heard of, and the holds. What differs is reported and has the
/// counters read anew.
/// </summary>
/// <param name="scopes">A scope for each repair.</param>
/// <param name="accounts">What limits whom.</param>
/// <param name="counters">The live counters.</param>
/// <param name="ledger">What the ledger has.</param>
/// <param name="clock">The counters' clock.</param>
/// <param name="timeProvider">This process' clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class CounterCheck(
    IServiceScopeFactory scopes, ICompiledAccounts accounts, LiveCounters counters, LedgerSumsReader ledger, DecisionClock clock, TimeProvider timeProvider,
    ILogger<CounterCheck> logger)
{
    // News of the ledger may be on their way; a difference that is another one each time is that.
    private const int Looks = 3;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    // Of an account with more persons and keys, those for whom something was counted last.
    private const int MaximumSubjects = 50;

    /// <summary>Looks at accounts. One that cannot be looked at keeps none of the others from it.</summary>
    /// <param name="ids">The accounts.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal async Task<CounterCheckRun> RunAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        var run = new CounterCheckRun(timeProvider.GetUtcNow(), ids.Count, 0, 0, []);
        var violations = new List<CounterViolation>();
        foreach (var id in ids)
        {
            try
            {
                var inspection = await CheckAsync(id, violations, cancellationToken);
                run = run with { LiveHolds = run.LiveHolds + inspection.Live, UnsettledCommits = run.UnsettledCommits + inspection.Unsettled };
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (run.Failed == 0)
                {
                    LogFailed(logger, exception, id);
                }

                run = run with { Failed = run.Failed + 1 };
            }
        }

        return run with { Violations = violations };
    }

    private async Task<HoldInspection> CheckAsync(Guid id, List<CounterViolation> violations, CancellationToken cancellationToken)
    {
        var targets = await TargetsAsync(id, cancellationToken);
        var inspection = await counters.InspectAsync(
            id, repair: true, [id == Guid.Empty ? UsageCounting.PlatformTarget : AccountLayout.AccountTarget, .. targets]);
        if (inspection.Negative > 0)
        {
            violations.Add(new CounterViolation(id, "negative", null, null));
        }
        else if (inspection.Differences > 0)
        {
            violations.Add(new CounterViolation(id, "holds", null, null));
        }

        var drifted = await CompareAsync(id, targets, cancellationToken);
        if (drifted.Count > 0)
        {
            violations.AddRange(drifted);
            await ReadAnewAsync(id, cancellationToken);
        }

        return inspection;
    }

    private async Task<List<CounterViolation>> CompareAsync(Guid id, IReadOnlyList<string> targets, CancellationToken cancellationToken)
    {
        var drifts = await DriftsAsync(id, targets, cancellationToken);
        for (var look = 1; look < Looks && drifts.Count > 0; look++)
        {
            await Task.Delay(BetweenLooks, timeProvider, cancellationToken);
            var again = await DriftsAsync(id, targets, cancellationToken);
            drifts = drifts.Where(drift => again.TryGetValue(drift.Key, out var amount) && amount == drift.Value).ToDictionary();
        }

        return [.. drifts.Select(drift => new CounterViolation(id, "ledger", drift.Key.Code, Units.Show(drift.Key.Unit, drift.Value)))];
    }

    // By how much counters are above what they should be, for everybody in the account for whom something was counted.
    private async Task<Dictionary<CompiledLimit, long>> DriftsAsync(Guid id, IReadOnlyList<string> targets, CancellationToken cancellationToken)
    {
        var pending = (await counters.InspectAsync(id, repair: false)).Pending;
        var drifts = new Dictionary<CompiledLimit, long>();
        foreach (var subject in SubjectsOf(id, targets))
        {
            await CompareAsync(await accounts.GetAsync(subject, cancellationToken), id == Guid.Empty, pending, drifts, cancellationToken);
        }

        return drifts;
    }

    private async Task CompareAsync(
        CompiledAccount account, bool ofPlatform, IReadOnlyDictionary<string, long> pending, Dictionary<CompiledLimit, long> drifts,
        CancellationToken cancellationToken)
    {
        var layout = ofPlatform ? AccountLayout.OfPlatform(account) : AccountLayout.Of(account);
        if (!Array.Exists(layout.Limits, limit => limit.IsWindow))
        {
            return;
        }

        var standing = await counters.ReadAsync(account, ofPlatform, cancellationToken);
        var now = clock.Now;
        foreach (var target in await ledger.ReadAsync(account.Subject.AccountId, layout.Limits, [], now, cancellationToken))
        {
            // What the counters have not heard of yet is on its way, not lost.
            if (await counters.VersionAsync(account.Subject.AccountId, target.Target.Name) != target.Version)
            {
                continue;
            }

            foreach (var line in layout.Limits.Where(limit => limit.IsWindow && limit.Target == target.Target))
            {
                var window = line.WindowAt(now);
                var sum = target.Sums.First(sum => sum.Field.AsSpan().SequenceEqual(window.Utf8)).Amount;
                var used = standing.First(outcome => outcome.Limit == line.Limit).Used;
                var drift = used - Math.Max(0, sum + pending.GetValueOrDefault($"{line.Target.Name}/{window.Field}"));
                if (drift != 0)
                {
                    drifts[line.Limit] = drift;
                }
            }
        }
    }

    // Each person and key in the account.
    private async Task<List<string>> TargetsAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PolicyDbContext>();
        return await db.CounterVersions.AsNoTracking()
            .Where(version => version.AccountId == id && version.Target != AccountLayout.AccountTarget && version.Target != UsageCounting.PlatformTarget)
            .OrderByDescending(version => version.TouchedAt)
            .Select(version => version.Target)
            .Take(MaximumSubjects)
            .ToListAsync(cancellationToken);
    }

    // The account as a whole, and each person and key in it.
    private static IEnumerable<PolicySubject> SubjectsOf(Guid id, IEnumerable<string> targets) =>
    [
        new PolicySubject(id, null, null),
        .. targets.Select(target => target[0] == 'u'
            ? new PolicySubject(id, Guid.ParseExact(target.AsSpan(1), "N"), null)
            : new PolicySubject(id, null, target[1..])),
    ];

    private async Task ReadAnewAsync(Guid account, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PolicyDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var now = timeProvider.GetUtcNow();
        var counted = new CountedAccount(account, [], await UsageMoves.AdvanceAsync(account, account, now, db, cancellationToken), []);
        scope.ServiceProvider.GetRequiredService<IOutbox>().Add(
            db, new UsageCounted { EventId = Guid.CreateVersion7(now), OccurredAt = now, Accounts = [counted] });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        // At once; the event is for the case that this process ends here.
        await counters.AdvanceAsync(counted);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The counters of account {Account} could not be checked; others in the same run are counted, not logged")]
    private static partial void LogFailed(ILogger logger, Exception exception, Guid account);
}
