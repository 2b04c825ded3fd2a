using System.Text.Json;
using BotGeneric.Usage.Rollups;
using Npgsql;
using NpgsqlTypes;

namespace BotGeneric.Usage.Invariants;

/// <summary>Where the next run goes on.</summary>
/// <param name="Account">The account that the run before was at.</param>
/// <param name="From">From when on it is to be looked at; null: it is done, and the next account follows.</param>
internal readonly record struct InvariantProgress(Guid Account, DateTimeOffset? From)
{
    /// <summary>Before the first account.</summary>
    public static InvariantProgress Start { get; } = new(Guid.Empty, null);
}

/// <summary>The table of runs.</summary>
internal static class InvariantRuns
{
    private const int RunsKept = 1_000;

    private const string Latest =
        "SELECT started_at, finished_at, accounts, violations::text, entries, skipped FROM invariant_runs ORDER BY id DESC LIMIT $1";

    private const string Progress = "SELECT last_account, next_time FROM invariant_runs ORDER BY id DESC LIMIT 1";

    private const string Insert =
        "INSERT INTO invariant_runs (started_at, finished_at, accounts, last_account, next_time, violations, entries, skipped) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

    private const string Prune = "DELETE FROM invariant_runs WHERE id <= (SELECT max(id) FROM invariant_runs) - $1";

    /// <summary>How far the latest run came.</summary>
    /// <param name="dataSource">Usage's database.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<InvariantProgress> ProgressAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Progress);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new InvariantProgress(reader.GetGuid(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1))
            : InvariantProgress.Start;
    }

    /// <summary>Adds a run, and drops the oldest.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="run">The run.</param>
    /// <param name="progress">How far it came.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task AddAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, InvariantRun run, InvariantProgress progress, CancellationToken cancellationToken)
    {
        await using var insert = new NpgsqlCommand(Insert, connection, transaction)
        {
            Parameters =
            {
                new() { Value = run.StartedAt },
                new() { Value = run.FinishedAt },
                new() { Value = run.Accounts },
                new() { Value = progress.Account },
                new() { Value = (object?)progress.From ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz },
                new() { Value = JsonSerializer.Serialize(run.Violations, JsonSerializerOptions.Web), NpgsqlDbType = NpgsqlDbType.Jsonb },
                new() { Value = run.Entries },
                new() { Value = run.Skipped },
            },
        };
        await insert.ExecuteNonQueryAsync(cancellationToken);
        await connection.ExecuteAsync(transaction, Prune, cancellationToken, (long)RunsKept);
    }

    /// <summary>The latest runs, latest first.</summary>
    /// <param name="dataSource">Usage's database.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<IReadOnlyList<InvariantRun>> LatestAsync(NpgsqlDataSource dataSource, int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Latest);
        command.Parameters.Add(new() { Value = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var runs = new List<InvariantRun>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var violations = JsonSerializer.Deserialize<InvariantViolation[]>(reader.GetString(3), JsonSerializerOptions.Web)!;
            runs.Add(new InvariantRun(
                reader.GetFieldValue<DateTimeOffset>(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetInt32(2), violations, reader.GetInt64(4), reader.GetInt32(5)));
        }

        return runs;
    }
}
