using BotGeneric.Analytics.Data;
using BotGeneric.Contracts;
using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Messaging;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Analytics.Messaging;

/// <summary>Adds accepted usage to the hourly rollups, one statement for a whole batch.</summary>
public sealed class UsageRecordedHandler : IBatchEventHandler<UsageRecorded, AnalyticsDbContext>
{
    /// <inheritdoc />
    public async Task HandleAsync(IReadOnlyList<ReceivedEvent<UsageRecorded>> events, AnalyticsDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(db);
        var entries = events.SelectMany(received => received.Event.Entries).ToList();
        // An account may have become part of another one since its usage was accepted.
        var aliases = await AccountAliases.ResolveAsync(db, entries.Select(entry => entry.AccountId), cancellationToken);
        var sums = entries
            .GroupBy(entry => (AccountId: aliases.Of(entry.AccountId), Hour: HourOf(entry.Time), entry.Feature, Model: entry.Model ?? string.Empty))
            // Always in the same order, so that two batches of the same accounts wait for each other instead of deadlocking.
            .OrderBy(group => group.Key.AccountId).ThenBy(group => group.Key.Hour)
            .ThenBy(group => group.Key.Feature, StringComparer.Ordinal).ThenBy(group => group.Key.Model, StringComparer.Ordinal)
            .Select(group => (
                group.Key,
                Requests: group.Sum(entry => entry.Quantity(Meters.Requests)),
                Input: group.Sum(entry => entry.Quantity(Meters.InputTokens)),
                Output: group.Sum(entry => entry.Quantity(Meters.OutputTokens))))
            .ToList();

        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO usage_hourly AS rollup (account_id, hour, feature, model, requests, input_tokens, output_tokens)
            SELECT * FROM unnest(
                {sums.Select(sum => sum.Key.AccountId).ToArray()},
                {sums.Select(sum => sum.Key.Hour).ToArray()},
                {sums.Select(sum => sum.Key.Feature).ToArray()},
                {sums.Select(sum => sum.Key.Model).ToArray()},
                {sums.Select(sum => sum.Requests).ToArray()},
                {sums.Select(sum => sum.Input).ToArray()},
                {sums.Select(sum => sum.Output).ToArray()})
            ON CONFLICT (account_id, hour, feature, model) DO UPDATE
               SET requests = rollup.requests + excluded.requests,
                   input_tokens = rollup.input_tokens + excluded.input_tokens,
                   output_tokens = rollup.output_tokens + excluded.output_tokens
            """,
            cancellationToken);
    }

    private static DateTimeOffset HourOf(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerHour));
}
