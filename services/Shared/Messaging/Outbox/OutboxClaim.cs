using Npgsql;
using NpgsqlTypes;

namespace BotGeneric.Messaging.Outbox;

/// <summary>
/// Claims due rows for one dispatcher, in its transaction.
/// </summary>
/// <remarks>
/// <para>Rows without an ordering key: <c>FOR UPDATE SKIP LOCKED</c>, so any number of dispatchers share them.</para>
/// <para>
/// Rows with a key need more, because skipping locked rows is exactly how a second dispatcher would overtake the first: it would skip
/// row 1, which the first one is publishing, and publish row 2. So a key has one owner at a time, by a transaction-level advisory lock:
/// </para>
/// <list type="number">
/// <item>One statement looks for keys with due rows and tries to lock each key. It reads nothing else, because its snapshot may be older than the
/// commit of the dispatcher that owned the key a moment ago: in that snapshot rows that are already published and deleted still stand.</item>
/// <item>A second statement reads the rows of the keys that were won. Under READ COMMITTED it has its own snapshot, taken after the locks
/// were won. PostgreSQL makes a commit visible before it releases the locks of the transaction, so everything that the previous owner
/// did to these keys (deleted, put off) is in that snapshot. Nobody else deletes or delays rows of an owned key, so the snapshot stays true
/// until this transaction ends. Inserts may come, and they come behind.</item>
/// <item>Of a key, only rows before its first row that is not due are taken: a row that waits for its back-off or for its time holds back
/// everything behind it. The rows are locked without <c>SKIP LOCKED</c>: should an operator hold one, waiting keeps the order, skipping would not.</item>
/// </list>
/// <para>Two keys with the same hash merely share their owner.</para>
/// </remarks>
internal static class OutboxClaim
{
    /// <summary>Class of the advisory locks, so that they collide with no other use of advisory locks in the database.</summary>
    private const int LockClass = 0x6f75_7462;

    private const string Columns = "o.sequence, o.id, o.type, o.body, o.trace_parent, o.trace_state, o.ordering_key, o.attempts, o.created_at";

    private const string Unordered =
        $"""
        SELECT {Columns} FROM outbox o
        WHERE o.ordering_key IS NULL AND o.not_before <= $1
        ORDER BY o.not_before, o.sequence
        LIMIT $2
        FOR UPDATE SKIP LOCKED
        """;

    // MATERIALIZED, so that the lock function runs for the chosen keys and for nothing that the planner looked at on the way.
    private const string WinKeys =
        """
        WITH due AS MATERIALIZED (
            SELECT o.ordering_key FROM outbox o
            WHERE o.ordering_key IS NOT NULL AND o.not_before <= $1
                AND NOT EXISTS (
                    SELECT 1 FROM outbox earlier
                    WHERE earlier.ordering_key = o.ordering_key AND earlier.sequence < o.sequence AND earlier.not_before > $1)
            ORDER BY o.not_before, o.sequence
            LIMIT $2),
        keys AS MATERIALIZED (SELECT DISTINCT ordering_key FROM due)
        SELECT ordering_key FROM keys WHERE pg_try_advisory_xact_lock($3, hashtext(ordering_key))
        """;

    private const string Ordered =
        $"""
        SELECT {Columns} FROM outbox o
        WHERE o.ordering_key = ANY ($1)
            AND NOT EXISTS (
                SELECT 1 FROM outbox earlier
                WHERE earlier.ordering_key = o.ordering_key AND earlier.sequence <= o.sequence AND earlier.not_before > $2)
        ORDER BY o.sequence
        LIMIT $3
        FOR UPDATE
        """;

    public static async Task<List<OutboxRow>> UnorderedAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Unordered, connection, transaction)
        {
            Parameters = { new() { Value = now }, new() { Value = limit } },
        };
        return await ReadAsync(command, cancellationToken);
    }

    public static async Task<List<OutboxRow>> OrderedAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        await using (var win = new NpgsqlCommand(WinKeys, connection, transaction)
        {
            Parameters = { new() { Value = now }, new() { Value = limit }, new() { Value = LockClass } },
        })
        await using (var reader = await win.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                keys.Add(reader.GetString(0));
        }

        if (keys.Count == 0)
            return [];

        await using var command = new NpgsqlCommand(Ordered, connection, transaction)
        {
            Parameters =
            {
                new() { Value = keys, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                new() { Value = now },
                new() { Value = limit },
            },
        };
        return await ReadAsync(command, cancellationToken);
    }

    private static async Task<List<OutboxRow>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var rows = new List<OutboxRow>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new OutboxRow(
                reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2), reader.GetString(3), Text(reader, 4), Text(reader, 5), Text(reader, 6),
                reader.GetInt32(7), reader.GetFieldValue<DateTimeOffset>(8)));
        }

        return rows;
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
