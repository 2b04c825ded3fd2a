using BotGeneric.Usage.Queries;
using BotGeneric.Usage.Rollups;
using Microsoft.Extensions.Options;
using Npgsql;

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
/// <param name="Accounts">Accounts looked at, perhaps not the whole of the first and the last.</param>
/// <param name="Violations">What does not hold; at most 1,000.</param>
/// <param name="Entries">Entries of the ledger that were read.</param>
/// <param name="Skipped">Parts of accounts that took longer than a check may, and were left out.</param>
public sealed record InvariantRun(
    DateTimeOffset StartedAt, DateTimeOffset FinishedAt, int Accounts, IReadOnlyList<InvariantViolation> Violations, long Entries = 0, int Skipped = 0);

/// <summary>
/// Looks, account after account and round after round, whether the ledger and its rollups, of calls and of meters, say the same for each day, and whether anything is negative. It changes nothing.
/// A run reads only so many entries: a large account is looked at in parts, from one time to another, over several runs.
/// </summary>
/// <param name="dataSource">Usage's database.</param>
/// <param name="options">How much in a run.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class InvariantCheck(NpgsqlDataSource dataSource, IOptions<RollupOptions> options, TimeProvider timeProvider)
{
    private const int MaximumViolations = 1_000;

    // Before and after everything that the ledger takes.
    private static readonly DateTimeOffset Beginning = new(1000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly (string Sql, string Kind)[] Statements =
    [
        (InvariantSql.Differences, "difference"),
        (InvariantSql.Negatives, "negative"),
        (InvariantSql.MeterDifferences, "difference"),
        (InvariantSql.UniqueDifferences, "difference"),
        (InvariantSql.MeterNegatives, "negative"),
    ];

    /// <summary>Looks at what comes next, unless another process is looking.</summary>
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
        var at = await InvariantRuns.ProgressAsync(dataSource, cancellationToken);
        var violations = new List<InvariantViolation>();
        long entries = 0;
        var (accounts, skipped) = (0, 0);
        do
        {
            if (at.From is null)
            {
                if ((await AccountWalk.NextAsync(dataSource, at.Account, 1, cancellationToken)) is not [var next])
                {
                    // Past the last account it begins anew.
                    at = InvariantProgress.Start;
                    break;
                }

                at = new InvariantProgress(next, Beginning);
            }

            var from = at.From!.Value;
            var to = End;
            try
            {
                (to, var read) = await SliceAsync(at.Account, from, options.Value.InvariantEntries - entries, cancellationToken);
                entries += read;
                violations.AddRange(await FindAsync(at.Account, from, to, cancellationToken));
            }
            catch (NpgsqlException exception) when (exception.InnerException is TimeoutException)
            {
                skipped++;
            }

            accounts++;
            at = at with { From = to == End ? null : to };
        }
        while (accounts < options.Value.InvariantAccounts && entries < options.Value.InvariantEntries);

        var run = new InvariantRun(started, timeProvider.GetUtcNow(), accounts, [.. violations.Take(MaximumViolations)], entries, skipped);
        await InvariantRuns.AddAsync(connection, transaction, run, at, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return run;
    }

    /// <summary>What does not hold for an account.</summary>
    /// <param name="account">The account.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<IReadOnlyList<InvariantViolation>> FindAsync(Guid account, CancellationToken cancellationToken) => FindAsync(account, Beginning, End, cancellationToken);

    /// <summary>The latest runs, latest first.</summary>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<IReadOnlyList<InvariantRun>> LatestAsync(int limit, CancellationToken cancellationToken) => InvariantRuns.LatestAsync(dataSource, limit, cancellationToken);

    // As far as so many entries go, in whole quarters of an hour, of which rollups are made; at least one of them.
    private async Task<(DateTimeOffset To, long Entries)> SliceAsync(Guid account, DateTimeOffset from, long limit, CancellationToken cancellationToken)
    {
        await using var command = Command(InvariantSql.Slice, account, from);
        command.Parameters.Add(new() { Value = limit + 1 });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var count = reader.GetInt64(0);
        if (count <= limit)
        {
            return (End, count);
        }

        var last = Periods.Floor(reader.GetFieldValue<DateTimeOffset>(1));
        return (last > from ? last : last + Periods.Cell, limit);
    }

    private async Task<IReadOnlyList<InvariantViolation>> FindAsync(Guid account, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var violations = new List<InvariantViolation>();
        foreach (var (sql, kind) in Statements)
        {
            await using var command = Command(sql, account, from);
            command.Parameters.Add(new() { Value = to });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                violations.Add(new InvariantViolation(account, reader.GetFieldValue<DateOnly>(0), kind, reader.FieldCount > 1 ? reader.GetString(1) : null));
            }
        }

        return violations;
    }

    private NpgsqlCommand Command(string sql, Guid account, DateTimeOffset from)
    {
        var command = dataSource.CreateCommand(sql);
        command.CommandTimeout = (int)Math.Ceiling(options.Value.InvariantTimeout.TotalSeconds);
        command.Parameters.Add(new() { Value = account });
        command.Parameters.Add(new() { Value = from });
        return command;
    }
}
