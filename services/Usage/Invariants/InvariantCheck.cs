using System.Text.Json;
using BotGeneric.Usage.Rollups;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace BotGeneric.Usage.Invariants;

/// <summary>Something that does not hold.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="Day">The day, UTC.</param>
/// <param name="Kind"><c>difference</c>: ledger and rollups do not say the same. <c>negative</c>: a cell has less than nothing.</param>
/// <param name="Meter">The operator's meter that it is about; null for calls of models.</param>
public sealed record InvariantViolation(Guid AccountId, DateOnly Day, string Kind, string? Meter = null);

/// <summary>One run of the check.</summary>
/// <param name="StartedAt">When it began, UTC.</param>
/// <param name="FinishedAt">When it ended, UTC.</param>
/// <param name="Accounts">Accounts looked at.</param>
/// <param name="Violations">What does not hold; at most 1,000.</param>
public sealed record InvariantRun(DateTimeOffset StartedAt, DateTimeOffset FinishedAt, int Accounts, IReadOnlyList<InvariantViolation> Violations);

/// <summary>
/// Looks, account after account and round after round, whether the ledger and its rollups, of calls and of meters, say the same for each day, and whether anything is negative. It changes nothing.
/// </summary>
/// <param name="dataSource">Usage's database.</param>
/// <param name="options">How many accounts in a run.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class InvariantCheck(NpgsqlDataSource dataSource, IOptions<RollupOptions> options, TimeProvider timeProvider)
{
    private const int MaximumViolations = 1_000;
    private const int RunsKept = 1_000;

    private const string LastRuns =
        "SELECT started_at, finished_at, accounts, violations::text, last_account FROM invariant_runs ORDER BY id DESC LIMIT $1";

    private const string Insert =
        "INSERT INTO invariant_runs (started_at, finished_at, accounts, last_account, violations) VALUES ($1, $2, $3, $4, $5)";

    private const string Prune = "DELETE FROM invariant_runs WHERE id <= (SELECT max(id) FROM invariant_runs) - $1";

    /// <summary>Looks at the next accounts, unless another process is looking.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The run; null when another process is at it.</returns>
    public async Task<InvariantRun?> RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var locking = new NpgsqlCommand(RollupLock.TryTakeInvariants, connection, transaction))
        {
            if (!(bool)(await locking.ExecuteScalarAsync(cancellationToken))!)
            {
                return null;
            }
        }

        var started = timeProvider.GetUtcNow();
        var after = (await ReadAsync(1, cancellationToken)).Select(run => run.LastAccount).FirstOrDefault();
        var accounts = await AccountWalk.NextAsync(dataSource, after, options.Value.InvariantAccounts, cancellationToken);
        var violations = new List<InvariantViolation>();
        foreach (var account in accounts)
        {
            violations.AddRange(await FindAsync(account, cancellationToken));
        }

        var run = new InvariantRun(started, timeProvider.GetUtcNow(), accounts.Count, [.. violations.Take(MaximumViolations)]);
        // Past the last account it begins anew.
        var last = accounts.Count < options.Value.InvariantAccounts ? Guid.Empty : accounts[^1];
        await using var insert = new NpgsqlCommand(Insert, connection, transaction)
        {
            Parameters =
            {
                new() { Value = run.StartedAt },
                new() { Value = run.FinishedAt },
                new() { Value = run.Accounts },
                new() { Value = last },
                new() { Value = JsonSerializer.Serialize(run.Violations, JsonSerializerOptions.Web), NpgsqlDbType = NpgsqlDbType.Jsonb },
            },
        };
        await insert.ExecuteNonQueryAsync(cancellationToken);
        await connection.ExecuteAsync(transaction, Prune, cancellationToken, (long)RunsKept);
        await transaction.CommitAsync(cancellationToken);
        return run;
    }

    /// <summary>What does not hold for an account.</summary>
    /// <param name="account">The account.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<InvariantViolation>> FindAsync(Guid account, CancellationToken cancellationToken) =>
    [
        .. await DaysAsync(InvariantSql.Differences, account, "difference", cancellationToken),
        .. await DaysAsync(InvariantSql.Negatives, account, "negative", cancellationToken),
        .. await DaysAsync(InvariantSql.MeterDifferences, account, "difference", cancellationToken),
        .. await DaysAsync(InvariantSql.UniqueDifferences, account, "difference", cancellationToken),
        .. await DaysAsync(InvariantSql.MeterNegatives, account, "negative", cancellationToken),
    ];

    /// <summary>The latest runs, latest first.</summary>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<InvariantRun>> LatestAsync(int limit, CancellationToken cancellationToken) =>
        [.. (await ReadAsync(limit, cancellationToken)).Select(run => run.Run)];

    private async Task<List<(InvariantRun Run, Guid LastAccount)>> ReadAsync(int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(LastRuns);
        command.Parameters.Add(new() { Value = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var runs = new List<(InvariantRun, Guid)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var violations = JsonSerializer.Deserialize<InvariantViolation[]>(reader.GetString(3), JsonSerializerOptions.Web)!;
            runs.Add((
                new InvariantRun(reader.GetFieldValue<DateTimeOffset>(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetInt32(2), violations), reader.GetGuid(4)));
        }

        return runs;
    }

    private async Task<List<InvariantViolation>> DaysAsync(string sql, Guid account, string kind, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(sql);
        command.CommandTimeout = 0;
        command.Parameters.Add(new() { Value = account });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var violations = new List<InvariantViolation>();
        while (await reader.ReadAsync(cancellationToken))
        {
            violations.Add(new InvariantViolation(account, reader.GetFieldValue<DateOnly>(0), kind, reader.FieldCount > 1 ? reader.GetString(1) : null));
        }

        return violations;
    }
}
