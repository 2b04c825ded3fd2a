using BotGeneric.Contracts.Policy.V1;
using BotGeneric.Messaging;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Decisions;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Policy.Counting;

/// <summary>Says once in each window that 50, 80 and 100 percent of a limit are used.</summary>
/// <param name="accounts">What limits whom.</param>
/// <param name="counters">Where they stand.</param>
/// <param name="outbox">Says it.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class Thresholds(ICompiledAccounts accounts, LiveCounters counters, IOutbox outbox, TimeProvider timeProvider)
{
    private static readonly int[] Percentages = [50, 80, 100];

    /// <summary>Says what is to be said about the account, in the transaction in which that is remembered.</summary>
    internal async Task SayAsync(CountedAccount counted, PolicyDbContext db, CancellationToken cancellationToken)
    {
        // Everybody's limits are nobody's threshold.
        if (counted.AccountId == Guid.Empty)
        {
            return;
        }

        foreach (var subject in counted.Subjects)
        {
            var account = await accounts.GetAsync(new PolicySubject(counted.AccountId, subject.UserId, subject.KeyId), cancellationToken);
            foreach (var line in await counters.ReadAsync(account, ofPlatform: false, cancellationToken))
            {
                await SayAsync(counted.AccountId, account, line, db, cancellationToken);
            }
        }
    }

    private async Task SayAsync(Guid accountId, CompiledAccount account, LimitOutcome line, PolicyDbContext db, CancellationToken cancellationToken)
    {
        var limit = line.Limit;
        if (limit.IsShadow || limit.Maximum == 0 || line.WindowStart is not { } start)
        {
            return;
        }

        foreach (var percent in Percentages.Where(percent => (decimal)line.Used * 100 >= (decimal)limit.Maximum * percent))
        {
            if (await FirstAsync(db, accountId, limit, start, percent, cancellationToken))
            {
                outbox.Add(db, new LimitThresholdReached
                {
                    EventId = Guid.CreateVersion7(timeProvider.GetUtcNow()),
                    OccurredAt = timeProvider.GetUtcNow(),
                    AccountId = accountId,
                    UserId = limit.Scope == LimitScope.User ? account.Subject.UserId : null,
                    Percent = percent,
                    Limit = StateOf(line),
                });
            }
        }
    }

    internal static async Task<bool> FirstAsync(
        PolicyDbContext db, Guid account, CompiledLimit limit, DateTimeOffset windowStart, int percent, CancellationToken cancellationToken) =>
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO limit_notices (account_id, target, "limit", window_start, percent)
            VALUES ({account}, {limit.Target}, {limit.Code}, {windowStart}, {percent}) ON CONFLICT DO NOTHING
            """,
            cancellationToken) > 0;

    internal static LimitState StateOf(LimitOutcome line) => new(
        line.Limit.Code, Names.Of(line.Limit.Scope), Names.Of(line.Limit.Kind), line.Limit.Unit, Units.Show(line.Limit.Unit, line.Limit.Maximum),
        Units.Show(line.Limit.Unit, line.Used), line.WindowStart!.Value, line.ResetsAt!.Value);
}
