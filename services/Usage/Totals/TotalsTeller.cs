using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Messaging;
using BotGeneric.Usage.Rollups;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BotGeneric.Usage.Totals;

/// <summary>
/// Tells the others what the ledger has, account after account and round after round, so that whoever keeps sums of it notices what was lost or counted twice on the way.
/// Of the month up to the last full hour; in its first hour of the month before.
/// </summary>
/// <param name="dataSource">Usage's database.</param>
/// <param name="reader">Adds up.</param>
/// <param name="outbox">Tells.</param>
/// <param name="options">How many accounts at once.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class TotalsTeller(NpgsqlDataSource dataSource, TotalsReader reader, IOutbox outbox, IOptions<RollupOptions> options, TimeProvider timeProvider)
{
    // In one event: some kilobytes each at the most.
    private const int MaximumAccounts = 100;

    private Guid _last;

    /// <summary>Tells of the next accounts, unless another process is telling at this moment.</summary>
    /// <param name="cancellationToken">Cancels; the same accounts are then next.</param>
    /// <returns>How many accounts were told of.</returns>
    public async Task<int> TellAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var locking = new NpgsqlCommand(RollupLock.TryTakeTotals, connection, transaction))
        {
            if (!(bool)(await locking.ExecuteScalarAsync(cancellationToken))!)
            {
                return 0;
            }
        }

        var limit = options.Value.InvariantAccounts;
        var accounts = await AccountWalk.NextAsync(dataSource, _last, limit, cancellationToken);
        var now = timeProvider.GetUtcNow();
        var (from, to) = SpanAt(now);
        foreach (var chunk in accounts.Chunk(MaximumAccounts))
        {
            var told = new UsageTotalled
            {
                EventId = Guid.CreateVersion7(now),
                OccurredAt = now,
                From = from,
                To = to,
                Accounts = await reader.ReadAsync(chunk, from, to, cancellationToken),
            };
            await outbox.InsertAsync(connection, transaction, [new OutboxEvent(told)], cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        // Past the last account it begins anew.
        _last = accounts.Count < limit ? Guid.Empty : accounts[^1];
        return accounts.Count;
    }

    /// <summary>The time that is told of at a moment.</summary>
    /// <param name="now">The moment.</param>
    internal static (DateTimeOffset From, DateTimeOffset To) SpanAt(DateTimeOffset now)
    {
        var to = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);
        var last = to.AddTicks(-1);
        return (new DateTimeOffset(last.Year, last.Month, 1, 0, 0, 0, TimeSpan.Zero), to);
    }
}
