using Npgsql;

namespace BotGeneric.Usage.Rollups;

/// <summary>
/// Makes the rollups anew from the ledger. The numbers are the same as before; if they are not, the invariant check has said so. What is archived stays: its
/// entries are gone. Nobody who reads or records waits; folding waits for one account at a time. A rebuild of all accounts is a row of its own: each step makes one account's rollups and says so
/// in one transaction, so whoever goes on after a stop knows where.
/// </summary>
/// <param name="dataSource">Usage's database.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class RollupRebuild(NpgsqlDataSource dataSource, TimeProvider timeProvider)
{
    /// <summary>The argument with which the service rebuilds all rollups and exits.</summary>
    public const string Argument = "--rebuild-rollups";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Rebuilds the rollups of one account.</summary>
    /// <param name="account">The account.</param>
    /// <param name="cancellationToken">Cancels; everything is then as it was.</param>
    /// <returns>Cells of calls and of meters.</returns>
    public async Task<(int CallCells, int MeterCells)> RunAsync(Guid account, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var cells = await RunAsync(connection, transaction, account, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return cells;
    }

    /// <summary>Rebuilds the rollups of all accounts and comes back when they are; what another process does of it is waited for.</summary>
    /// <param name="cancellationToken">Cancels; the next one goes on where this one ended.</param>
    public async Task<RebuildState> RunAllAsync(CancellationToken cancellationToken)
    {
        var id = (await RequestAsync(cancellationToken)).Id;
        while (true)
        {
            var went = await StepAsync(cancellationToken);
            if (await FindAsync(id, cancellationToken) is { FinishedAt: not null } finished)
            {
                return finished;
            }

            if (!went)
            {
                await Task.Delay(Pause, timeProvider, cancellationToken);
            }
        }
    }

    /// <summary>Asks for the rollups of all accounts to be made anew. While that is under way already, it is that.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<RebuildState> RequestAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var insert = dataSource.CreateCommand(RebuildSql.Request);
            insert.Parameters.Add(new() { Value = timeProvider.GetUtcNow() });
            var id = await insert.ExecuteScalarAsync(cancellationToken);
            // The one that was under way may have ended since.
            if ((id is long own ? await FindAsync(own, cancellationToken) : (await LatestAsync(1, cancellationToken)).Find(state => state.FinishedAt is null)) is { } state)
            {
                return state;
            }
        }
    }

    /// <summary>Makes the rollups of the next account anew, if a rebuild was asked for and nobody else is at it.</summary>
    /// <param name="cancellationToken">Cancels; the account's rollups are then as they were.</param>
    /// <returns>Whether there may be more to do.</returns>
    public async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        (long Id, Guid After) next;
        await using (var claim = new NpgsqlCommand(RebuildSql.Claim, connection, transaction))
        await using (var reader = await claim.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
            {
                return false;
            }

            next = (reader.GetInt64(0), reader.IsDBNull(1) ? Guid.Empty : reader.GetGuid(1));
        }

        var accounts = await AccountWalk.NextAsync(dataSource, next.After, 1, cancellationToken);
        if (accounts.Count == 0)
        {
            await connection.ExecuteAsync(transaction, RebuildSql.Finish, cancellationToken, next.Id, timeProvider.GetUtcNow());
        }
        else
        {
            var (calls, meters) = await RunAsync(connection, transaction, accounts[0], cancellationToken);
            await connection.ExecuteAsync(transaction, RebuildSql.Advance, cancellationToken, next.Id, accounts[0], (long)calls, (long)meters);
        }

        await transaction.CommitAsync(cancellationToken);
        return accounts.Count > 0;
    }

    /// <summary>Says that a step failed, until one succeeds.</summary>
    /// <param name="failure">What happened, without anything of the data.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task FailedAsync(string failure, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(RebuildSql.Fail);
        command.Parameters.Add(new() { Value = failure });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The latest rebuilds of all accounts, latest first.</summary>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<List<RebuildState>> LatestAsync(int limit, CancellationToken cancellationToken) => ReadAsync(RebuildSql.Latest, limit, cancellationToken);

    /// <summary>A rebuild of all accounts.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<RebuildState?> FindAsync(long id, CancellationToken cancellationToken) => (await ReadAsync(RebuildSql.Find, id, cancellationToken)).FirstOrDefault();

    /// <summary>Makes the cells of meters in one quarter of an hour anew; the caller has the rollups alone.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="account">The account.</param>
    /// <param name="time">A moment in the quarter of an hour.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal static async Task RunMetersAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, Guid account, DateTimeOffset time, CancellationToken cancellationToken)
    {
        object[] cell = [account, Queries.Periods.Floor(time), Queries.Periods.Floor(time) + Queries.Periods.Cell];
        await MetersAsync(
            connection, transaction, " AND bucket >= $2 AND bucket < $3", $"{RebuildSql.Folded} AND e.account_id = $1 AND e.time >= $2 AND e.time < $3", cell, cancellationToken);
    }

    private static async Task<(int CallCells, int MeterCells)> RunAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, Guid account, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(transaction, RollupLock.Take, cancellationToken);
        // Which batches are open cannot change while the lock is held, except that new ones come, and they are open.
        const string Condition = $"{RebuildSql.Folded} AND e.account_id = $1";
        await connection.ExecuteAsync(transaction, "DELETE FROM usage_rollups WHERE NOT is_archived AND account_id = $1", cancellationToken, account);
        var calls = await connection.ExecuteAsync(transaction, RollupSql.AddCallCells(Condition), cancellationToken, account);
        return (calls, await MetersAsync(connection, transaction, string.Empty, Condition, [account], cancellationToken));
    }

    private static async Task<int> MetersAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, string span, string condition, object[] parameters, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(transaction, $"DELETE FROM meter_rollups WHERE NOT is_archived AND account_id = $1{span}", cancellationToken, parameters);
        await connection.ExecuteAsync(transaction, $"DELETE FROM meter_uniques WHERE NOT is_archived AND account_id = $1{span}", cancellationToken, parameters);
        var cells = await connection.ExecuteAsync(transaction, MeterSql.AddCells(condition), cancellationToken, parameters);
        await connection.ExecuteAsync(transaction, MeterSql.AddUniques(condition), cancellationToken, parameters);
        return cells;
    }

    private async Task<List<RebuildState>> ReadAsync(string sql, object parameter, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(sql);
        command.Parameters.Add(new() { Value = parameter });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var states = new List<RebuildState>();
        while (await reader.ReadAsync(cancellationToken))
        {
            states.Add(new RebuildState(
                reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1), reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2), reader.GetInt64(3),
                reader.GetInt64(4), reader.GetInt64(5), reader.IsDBNull(6) ? null : reader.GetString(6)));
        }

        return states;
    }
}

/// <summary>A rebuild of the rollups of all accounts.</summary>
/// <param name="Id">Its number.</param>
/// <param name="RequestedAt">When it was asked for, UTC.</param>
/// <param name="FinishedAt">When the last account was done, UTC; null while it is under way.</param>
/// <param name="Accounts">Accounts done.</param>
/// <param name="CallCells">Cells of calls that were made.</param>
/// <param name="MeterCells">Cells of the operator's meters that were made.</param>
/// <param name="Failure">Why the last step failed; it is tried again. Null when it did not.</param>
public sealed record RebuildState(
    long Id, DateTimeOffset RequestedAt, DateTimeOffset? FinishedAt, long Accounts, long CallCells, long MeterCells, string? Failure);
