using BotGeneric.Messaging.Data;
using Npgsql;
using NpgsqlTypes;

namespace BotGeneric.Messaging.DeadLetters;

/// <summary>The statements on <c>dead_letters</c>.</summary>
internal static class DeadLetterSql
{
    /// <summary>Longest error text that is kept, in characters.</summary>
    public const int MaxError = 4000;

    private const string Columns =
        "id, direction, queue, message_id, type, body, headers, ordering_key, trace_parent, trace_state, error, attempts, first_failed_at, " +
        "last_failed_at, replayed_at, replayed_by";

    // A message that fails again after a redelivery is the same dead letter, not a second one.
    private const string UpsertSql =
        """
        INSERT INTO dead_letters (id, direction, queue, message_id, type, body, headers, ordering_key, trace_parent, trace_state, error, attempts,
            first_failed_at, last_failed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        ON CONFLICT (direction, queue, message_id) WHERE replayed_at IS NULL DO UPDATE
        SET error = excluded.error, attempts = dead_letters.attempts + excluded.attempts, last_failed_at = excluded.last_failed_at
        """;

    public static NpgsqlBatchCommand Upsert(DeadLetter letter) => new(UpsertSql)
    {
        Parameters =
        {
            new() { Value = letter.Id },
            new() { Value = letter.Direction },
            new() { Value = letter.Queue },
            Nullable(letter.MessageId, NpgsqlDbType.Uuid),
            Nullable(letter.Type, NpgsqlDbType.Text),
            new() { Value = letter.Body },
            Nullable(letter.Headers, NpgsqlDbType.Jsonb),
            Nullable(letter.OrderingKey, NpgsqlDbType.Text),
            Nullable(letter.TraceParent, NpgsqlDbType.Text),
            Nullable(letter.TraceState, NpgsqlDbType.Text),
            new() { Value = Clip(letter.Error) },
            new() { Value = letter.Attempts },
            new() { Value = letter.FirstFailedAt },
            new() { Value = letter.LastFailedAt },
        },
    };

    public static async Task<DeadLetter?> FindAsync(NpgsqlDataSource dataSource, Guid id, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"SELECT {Columns} FROM dead_letters WHERE id = $1");
        command.Parameters.Add(new() { Value = id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    /// <summary>Up to <paramref name="limit"/> dead letters, the newest first, after the one that ended the page before.</summary>
    public static async Task<List<DeadLetter>> ListAsync(
        NpgsqlDataSource dataSource, string? direction, bool? replayed, Guid? after, int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"""
            SELECT {Columns} FROM dead_letters
            WHERE ($1 IS NULL OR direction = $1) AND ($2 IS NULL OR (replayed_at IS NOT NULL) = $2) AND ($3 IS NULL OR id < $3)
            ORDER BY id DESC LIMIT $4
            """);
        command.Parameters.Add(Nullable(direction, NpgsqlDbType.Text));
        command.Parameters.Add(Nullable(replayed, NpgsqlDbType.Boolean));
        command.Parameters.Add(Nullable(after, NpgsqlDbType.Uuid));
        command.Parameters.Add(new() { Value = limit });
        var letters = new List<DeadLetter>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            letters.Add(Read(reader));
        return letters;
    }

    /// <summary>Marks a dead letter replayed.</summary>
    /// <exception cref="AlreadyReplayedException">Somebody else was faster.</exception>
    public static async Task MarkReplayedAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, Guid id, DateTimeOffset replayedAt, string replayedBy, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "UPDATE dead_letters SET replayed_at = $2, replayed_by = $3 WHERE id = $1 AND replayed_at IS NULL", connection, transaction)
        {
            Parameters = { new() { Value = id }, new() { Value = replayedAt }, new() { Value = replayedBy } },
        };
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
            throw new AlreadyReplayedException();
    }

    public static async Task RecordFailureAsync(
        NpgsqlDataSource dataSource, Guid id, string error, DateTimeOffset failedAt, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            "UPDATE dead_letters SET error = $2, attempts = attempts + 1, last_failed_at = $3 WHERE id = $1 AND replayed_at IS NULL");
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = Clip(error) });
        command.Parameters.Add(new() { Value = failedAt });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    // PostgreSQL's text cannot hold NUL, and an exception may quote anything.
    private static string Clip(string error)
    {
        var clean = error.Replace('\0', ' ');
        return clean.Length <= MaxError ? clean : clean[..MaxError];
    }

    private static NpgsqlParameter Nullable(object? value, NpgsqlDbType type) => new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };

    private static DeadLetter Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        Direction = row.GetString(1),
        Queue = row.GetString(2),
        MessageId = row.IsDBNull(3) ? null : row.GetGuid(3),
        Type = row.IsDBNull(4) ? null : row.GetString(4),
        Body = row.GetFieldValue<byte[]>(5),
        Headers = row.IsDBNull(6) ? null : row.GetString(6),
        OrderingKey = row.IsDBNull(7) ? null : row.GetString(7),
        TraceParent = row.IsDBNull(8) ? null : row.GetString(8),
        TraceState = row.IsDBNull(9) ? null : row.GetString(9),
        Error = row.GetString(10),
        Attempts = row.GetInt32(11),
        FirstFailedAt = row.GetFieldValue<DateTimeOffset>(12),
        LastFailedAt = row.GetFieldValue<DateTimeOffset>(13),
        ReplayedAt = row.IsDBNull(14) ? null : row.GetFieldValue<DateTimeOffset>(14),
        ReplayedBy = row.IsDBNull(15) ? null : row.GetString(15),
    };
}

/// <summary>The dead letter had been replayed before.</summary>
internal sealed class AlreadyReplayedException() : Exception("The dead letter was replayed before.");
