using System.Globalization;
using BotGeneric.Messaging;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Ingest;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BotGeneric.Usage.Ledger;

/// <summary>
/// Appends entries to the ledger within a transaction: those that are not there yet, the row of their batch, and what is told to the others. The transaction
/// is the caller's, and so is the order of what stands before it.
/// </summary>
internal sealed class LedgerAppend(IOutbox outbox, IOptions<UsageOptions> options, TimeProvider timeProvider)
{
    // Up to so many entries are parameters of the statement: two questions fewer, and no temporary table that the commit has to empty. Of more, COPY is the faster one.
    private const int Few = 200;

    private const string NextBatch = "SELECT nextval(pg_get_serial_sequence('ledger_batches', 'id'))";

    /// <summary>Prepares a connection; what is prepared ends with it.</summary>
    /// <remarks>
    /// The planner knows nothing of the temporary table and may know a partition only as the empty one that it was: it is told to look events up by index, in
    /// the order of the batch, and not to compile a statement whose cost is a mere figure of that.
    /// </remarks>
    public static async Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"SET enable_seqscan = off; SET enable_bitmapscan = off; SET jit = off; SET plan_cache_mode = force_generic_plan; {LedgerStaging.Create}", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Appends entries on a connection that <see cref="PrepareAsync"/> was called for.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="transaction">The transaction, in which no other month than the current one is written to.</param>
    /// <param name="entries">The entries in the order of <see cref="EventOrder"/>, under the accounts that they belong to now.</param>
    /// <param name="announce">Makes the events of the entries that are new.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>For each entry whether it is new; null when the month has to go on first, see <see cref="LedgerMonths"/>: the transaction is then of no use.</returns>
    public async Task<bool[]?> AppendAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        IReadOnlyList<LedgerEntry> entries,
        Func<IReadOnlyList<LedgerEntry>, DateTimeOffset, IReadOnlyCollection<SerializedEvent>> announce,
        CancellationToken cancellationToken)
    {
        var (month, batch) = await JoinAsync(connection, transaction, cancellationToken);
        var now = ToMicroseconds(timeProvider.GetUtcNow());
        if (LedgerMonths.MonthOf(now) > month)
        {
            return null;
        }

        // A clock that is behind writes into the month all the same.
        var start = new DateTimeOffset(month.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var recordedAt = now > start ? now : start;
        var refused = await SettledHolds.ClaimAsync(connection, transaction, entries, recordedAt, cancellationToken);
        IReadOnlyList<LedgerEntry> taken = refused.Count == 0 ? entries : [.. entries.Except<LedgerEntry>(refused, ReferenceEqualityComparer.Instance)];
        var asArrays = taken.Count <= Few;
        if (!asArrays)
        {
            await LedgerStaging.FillAsync(connection, taken, cancellationToken);
        }

        var (stored, fresh) = await InsertAsync(connection, transaction, taken, asArrays, month, recordedAt, batch, cancellationToken);
        if (fresh.Count < taken.Count)
        {
            await SettledHolds.ReleaseAsync(connection, transaction, taken.Where((_, position) => !stored[position]), cancellationToken);
        }

        if (refused.Count > 0)
        {
            await SettledHolds.MarkAsync(connection, transaction, refused, recordedAt - options.Value.DedupeWindow, cancellationToken);
            var recorded = fresh.ToHashSet<LedgerEntry>(ReferenceEqualityComparer.Instance);
            stored = [.. entries.Select(recorded.Contains)];
        }

        if (fresh.Count > 0)
        {
            await outbox.InsertAsync(connection, transaction, announce(fresh, recordedAt), cancellationToken);
        }

        return stored;
    }

    private static async Task<(DateOnly Month, long Batch)> JoinAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(LedgerMonths.Join)
                {
                    Parameters = { new NpgsqlParameter<int> { TypedValue = LedgerMonths.LockClass }, new NpgsqlParameter<int> { TypedValue = LedgerMonths.JoinKey } },
                },
                new NpgsqlBatchCommand(LedgerMonths.Current),
                new NpgsqlBatchCommand(NextBatch),
            },
        };
        await batch.PrepareAsync(cancellationToken);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var month = reader.GetFieldValue<DateOnly>(0);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (month, reader.GetInt64(0));
    }

    private async Task<(bool[] Stored, List<LedgerEntry> Fresh)> InsertAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        IReadOnlyList<LedgerEntry> entries,
        bool asArrays,
        DateOnly month,
        DateTimeOffset recordedAt,
        long batch,
        CancellationToken cancellationToken)
    {
        await using var insert = new NpgsqlCommand(InsertSql(month, asArrays ? LedgerArrays.Rows(4) : $"{LedgerStaging.Table} AS staged"), connection, transaction);
        insert.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = recordedAt });
        insert.Parameters.Add(new NpgsqlParameter<long> { TypedValue = batch });
        insert.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = recordedAt - options.Value.DedupeWindow });
        if (asArrays)
        {
            LedgerArrays.Add(insert, entries);
        }

        await insert.PrepareAsync(cancellationToken);

        var stored = new bool[entries.Count];
        var fresh = new List<LedgerEntry>(entries.Count);
        var position = -1;
        await using var reader = await insert.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            // The rows come in the order in which they were staged, so the next one is further on.
            var id = reader.GetGuid(0);
            do
            {
                position++;
            }
            while (entries[position].Id != id);
            stored[position] = true;
            var entry = entries[position];
            entry.RecordedAt = recordedAt;
            entry.BatchId = batch;
            fresh.Add(entry);
        }

        return (stored, fresh);
    }

    // Into the partition of the month itself: a rule of what a conflict is can be named there, and is the only one that is looked at. The months stand in the text, so that the plan is for the two partitions before, of which the window leaves one or both. LIMIT keeps the planner from making
    // a join of it that reads a whole partition.
    private static string InsertSql(DateOnly month, string rows) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        WITH fresh AS (
            INSERT INTO {LedgerMonths.PartitionOf(month)} (recorded_at, batch_id, {LedgerStaging.Columns})
            SELECT $1, $2, {LedgerStaging.Columns}
              FROM {rows}
              LEFT JOIN LATERAL (
                   SELECT true AS is_known FROM ledger AS earlier
                    WHERE earlier.account_id = staged.account_id AND earlier.source = staged.source AND earlier.source_id = staged.source_id
                      AND earlier.recorded_at >= '{month.AddMonths(-2):yyyy-MM-dd} 00:00Z' AND earlier.recorded_at < '{month:yyyy-MM-dd} 00:00Z' AND earlier.recorded_at >= $3
                    LIMIT 1) AS earlier ON true
             WHERE is_known IS NULL
             ORDER BY staged.position
            ON CONFLICT (account_id, source, source_id) DO NOTHING
            RETURNING id),
        counted AS (INSERT INTO ledger_batches (id, recorded_at, entries) SELECT $2, $1, count(*) FROM fresh HAVING count(*) > 0)
        SELECT id FROM fresh
        """);

    // The database keeps microseconds; what is published must be what is kept.
    private static DateTimeOffset ToMicroseconds(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond));
}
