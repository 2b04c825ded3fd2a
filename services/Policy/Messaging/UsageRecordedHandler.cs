using BotGeneric.Contracts.Policy.V1;
using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Messaging;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Counting;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Policy.Messaging;

/// <summary>
/// Adds accepted usage to what Policy knows of the ledger, one statement for a whole batch, and says so: the live counters follow by
/// <see cref="UsageCountedHandler"/>.
/// </summary>
/// <param name="accounts">What limits whom.</param>
/// <param name="outbox">Says it.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class UsageRecordedHandler(ICompiledAccounts accounts, IOutbox outbox, TimeProvider timeProvider)
    : IBatchEventHandler<UsageRecorded, PolicyDbContext>
{
    private const int AccountsPerMessage = 200;

    public async Task HandleAsync(IReadOnlyList<ReceivedEvent<UsageRecorded>> events, PolicyDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(db);
        var entries = events.SelectMany(received => received.Event.Entries).ToList();
        // An account may have become part of another one since its usage was accepted.
        var aliases = await AccountAliases.ResolveAsync(db, entries.SelectMany(entry => new[] { entry.AccountId, entry.UserId ?? entry.AccountId }), cancellationToken);
        var counting = new UsageCounting();
        foreach (var entry in entries)
        {
            var account = aliases.Of(entry.AccountId);
            var person = entry.UserId is { } user ? aliases.Of(user) : (Guid?)null;
            var compiled = await accounts.GetAsync(new PolicySubject(account, person, entry.ApiKeyId), cancellationToken);
            counting.Add(entry with { AccountId = account, UserId = person }, compiled);
        }

        await AddAsync(counting, db, cancellationToken);
        await BurnAsync(counting, db, cancellationToken);

        var versions = await AdvanceAsync(counting, timeProvider.GetUtcNow(), db, cancellationToken);
        foreach (var chunk in counting.Accounts.Select(pair => pair.Value.ToEvent(pair.Key, versions)).Chunk(AccountsPerMessage))
        {
            var counted = new UsageCounted { EventId = Guid.CreateVersion7(timeProvider.GetUtcNow()), OccurredAt = timeProvider.GetUtcNow(), Accounts = chunk };
            outbox.Add(db, counted, orderingKey: null, notBefore: null, trace: events[0].Trace);
        }
    }

    private async Task BurnAsync(UsageCounting counting, PolicyDbContext db, CancellationToken cancellationToken)
    {
        // The platform has neither credits nor times of its own.
        var used = counting.Accounts.Where(pair => pair.Value.Times.Count > 0).ToDictionary();
        if (used.Count == 0)
        {
            return;
        }

        var credits = await CreditBurning.ReadAsync(
            used.Keys, used.Values.Min(part => part.Times.Min), used.Values.Max(part => part.Times.Max), db, cancellationToken);
        foreach (var grants in credits.OrderBy(grants => grants.Key))
        {
            var part = used[grants.Key];
            var account = await accounts.GetAsync(part.Subjects.First(), cancellationToken);
            part.HasGrants |= await CreditBurning.BurnAsync(account, grants, part.Times, db, cancellationToken);
        }
    }

    private static Task AddAsync(UsageCounting counting, PolicyDbContext db, CancellationToken cancellationToken)
    {
        var sums = counting.Sums;
        return db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO usage_counters AS counter (account_id, meter, bucket, user_id, api_key_id, feature, model, channel, used)
            SELECT * FROM unnest(
                {sums.Select(sum => sum.Key.Account).ToArray()},
                {sums.Select(sum => sum.Key.Meter).ToArray()},
                {sums.Select(sum => sum.Key.Bucket).ToArray()},
                {sums.Select(sum => sum.Key.User).ToArray()},
                {sums.Select(sum => sum.Key.Key).ToArray()},
                {sums.Select(sum => sum.Key.Feature).ToArray()},
                {sums.Select(sum => sum.Key.Model).ToArray()},
                {sums.Select(sum => sum.Key.Channel).ToArray()},
                {sums.Select(sum => sum.Value).ToArray()})
            ON CONFLICT (account_id, meter, bucket, user_id, api_key_id, feature, model, channel) DO UPDATE SET used = counter.used + excluded.used
            """,
            cancellationToken);
    }

    // Every target is counted on, whether it has limits or not: whoever reads sums for a new limit must notice what is being written.
    private static async Task<Dictionary<(Guid, string), long>> AdvanceAsync(
        UsageCounting counting, DateTimeOffset now, PolicyDbContext db, CancellationToken cancellationToken)
    {
        var targets = counting.Accounts
            .SelectMany(pair => pair.Value.Targets.Keys.Select(target => (Account: pair.Key, Target: target)))
            .OrderBy(pair => pair.Account).ThenBy(pair => pair.Target, StringComparer.Ordinal)
            .ToList();
        var rows = await db.Database.SqlQuery<AdvancedVersion>(
            $"""
            INSERT INTO counter_versions AS version (account_id, target, version, touched_at)
            SELECT *, {CounterVersion.FirstAt(now)}, {now} FROM unnest({targets.Select(pair => pair.Account).ToArray()}, {targets.Select(pair => pair.Target).ToArray()})
            ON CONFLICT (account_id, target) DO UPDATE SET version = version.version + 1, touched_at = excluded.touched_at
            RETURNING account_id, target, version
            """).ToListAsync(cancellationToken);
        return rows.ToDictionary(row => (row.AccountId, row.Target), row => row.Version);
    }

    private sealed record AdvancedVersion(Guid AccountId, string Target, long Version);
}
