using BotGeneric.Contracts;
using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Messaging;
using BotGeneric.Policy.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Policy.Messaging;

/// <summary>Adds accepted usage to the counters, one statement for a whole batch.</summary>
public sealed class UsageRecordedHandler : IBatchEventHandler<UsageRecorded, PolicyDbContext>
{
    /// <inheritdoc />
    public async Task HandleAsync(IReadOnlyList<ReceivedEvent<UsageRecorded>> events, PolicyDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(db);
        var entries = events.SelectMany(received => received.Event.Entries).ToList();
        // An account may have become part of another one since its usage was accepted.
        var aliases = await AccountAliases.ResolveAsync(db, entries.Select(entry => entry.AccountId), cancellationToken);
        var sums = entries
            .SelectMany(entry => Meters.All.Select(meter => (
                AccountId: aliases.Of(entry.AccountId), Meter: meter, Day: DateOnly.FromDateTime(entry.Time.UtcDateTime), Quantity: entry.Quantity(meter))))
            .GroupBy(row => (row.AccountId, row.Meter, row.Day))
            // Always in the same order, so that two batches of the same accounts wait for each other instead of deadlocking.
            .OrderBy(group => group.Key.AccountId).ThenBy(group => group.Key.Meter, StringComparer.Ordinal).ThenBy(group => group.Key.Day)
            .Select(group => (group.Key, Used: group.Sum(row => row.Quantity)))
            .ToList();

        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO usage_counters AS counter (account_id, meter, day, used)
            SELECT * FROM unnest(
                {sums.Select(sum => sum.Key.AccountId).ToArray()},
                {sums.Select(sum => sum.Key.Meter).ToArray()},
                {sums.Select(sum => sum.Key.Day).ToArray()},
                {sums.Select(sum => sum.Used).ToArray()})
            ON CONFLICT (account_id, meter, day) DO UPDATE SET used = counter.used + excluded.used
            """,
            cancellationToken);
    }
}
