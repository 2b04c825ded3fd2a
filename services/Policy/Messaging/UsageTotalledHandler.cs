using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Messaging;
using BotGeneric.Policy.Counting;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Policy.Messaging;

/// <summary>Compares what the usage ledger has of accounts with what Policy has counted for them, and remembers what differs until it does not any more. It changes no count.</summary>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class UsageTotalledHandler(TimeProvider timeProvider, ILogger<UsageTotalledHandler> logger) : IEventHandler<UsageTotalled, PolicyDbContext>
{
    public async Task HandleAsync(UsageTotalled @event, PolicyDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(@event);
        ArgumentNullException.ThrowIfNull(db);
        // Whoever has become part of another account since is looked at as that one.
        var aliases = await AccountAliases.ResolveAsync(db, @event.Accounts.Select(account => account.AccountId), cancellationToken);
        var accounts = @event.Accounts.Where(account => aliases.Of(account.AccountId) == account.AccountId).ToList();
        var told = accounts.SelectMany(account => account.Meters.Concat(account.Costs.Select(cost => KeyValuePair.Create(UsageMeters.Of(cost.Key), cost.Value)))
            .Select(sum => (Account: account.AccountId, Meter: sum.Key, sum.Value))).ToList();
        var now = timeProvider.GetUtcNow();
        var settled = now - LedgerDifference.BetweenLooks;
        var found = await db.Database.SqlQuery<Found>(
            $"""
            WITH told AS (SELECT * FROM unnest(
                {told.Select(sum => sum.Account).ToArray()}, {told.Select(sum => sum.Meter).ToArray()}, {told.Select(sum => sum.Value).ToArray()}) AS sum (account_id, meter, amount)),
            kept AS (
                SELECT account_id, meter, sum(used) AS amount FROM usage_counters
                 WHERE account_id = ANY ({accounts.Select(account => account.AccountId).ToArray()}) AND bucket >= {@event.From.ToUniversalTime()} AND bucket < {@event.To.ToUniversalTime()}
                 GROUP BY account_id, meter),
            found AS (
                SELECT account_id, meter, coalesce(kept.amount, 0) - coalesce(told.amount, 0) AS difference FROM told FULL JOIN kept USING (account_id, meter)
                 WHERE coalesce(kept.amount, 0) <> coalesce(told.amount, 0)),
            gone AS (
                DELETE FROM ledger_differences AS known WHERE account_id = ANY ({accounts.Select(account => account.AccountId).ToArray()})
                   AND NOT EXISTS (SELECT 1 FROM found WHERE found.account_id = known.account_id AND found.meter = known.meter))
            INSERT INTO ledger_differences AS known (account_id, meter, difference, looks, first_seen_at, last_seen_at)
            SELECT account_id, meter, difference, 1, {now}, {now} FROM found ORDER BY account_id, meter COLLATE "C"
            ON CONFLICT (account_id, meter) DO UPDATE SET
                difference = excluded.difference,
                looks = CASE WHEN known.difference <> excluded.difference THEN 1 WHEN known.last_seen_at > {settled} THEN known.looks ELSE known.looks + 1 END,
                first_seen_at = CASE WHEN known.difference <> excluded.difference THEN excluded.first_seen_at ELSE known.first_seen_at END,
                last_seen_at = CASE WHEN known.difference = excluded.difference AND known.last_seen_at > {settled} THEN known.last_seen_at ELSE excluded.last_seen_at END
            RETURNING account_id, meter, difference, looks
            """).ToListAsync(cancellationToken);
        foreach (var row in found.Where(row => row.Looks == LedgerDifference.LooksThatLast))
        {
            LogDiffers(logger, row.AccountId, row.Meter, row.Difference);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What is counted for account {Account} of {Meter} is not what the usage ledger has: it is above it by {Difference}")]
    private static partial void LogDiffers(ILogger logger, Guid account, string meter, decimal difference);

    private sealed record Found(Guid AccountId, string Meter, decimal Difference, int Looks);
}
