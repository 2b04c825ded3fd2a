using Npgsql;

namespace BotGeneric.Usage.Rollups;

/// <summary>
/// Makes the rollups anew from the ledger. The numbers are the same as before; if they are not, the invariant check has said so. What is archived stays: its
/// entries are gone. Nobody who reads or records waits; folding does.
/// </summary>
/// <param name="dataSource">Usage's database.</param>
public sealed class RollupRebuild(NpgsqlDataSource dataSource)
{
    /// <summary>The argument with which the service rebuilds all rollups and exits.</summary>
    public const string Argument = "--rebuild-rollups";

    private static readonly string[] Tables = ["usage_rollups", "meter_rollups", "meter_uniques"];

    /// <summary>Rebuilds.</summary>
    /// <param name="account">Of one account; null: of all.</param>
    /// <param name="cancellationToken">Cancels; everything is then as it was.</param>
    /// <returns>Cells of calls and of meters.</returns>
    public async Task<(int CallCells, int MeterCells)> RunAsync(Guid? account, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(transaction, RollupLock.Take, cancellationToken);
        // Which batches are open cannot change while the lock is held, except that new ones come, and they are open.
        var condition = $"NOT e.batch_id = ANY ({RollupSql.OpenBatches}){(account is null ? string.Empty : " AND e.account_id = $1")}";
        object[] parameters = account is { } id ? [id] : [];
        foreach (var table in Tables)
        {
            await connection.ExecuteAsync(
                transaction, $"DELETE FROM {table} WHERE NOT is_archived{(account is null ? string.Empty : " AND account_id = $1")}", cancellationToken, parameters);
        }

        var calls = await connection.ExecuteAsync(transaction, RollupSql.AddCallCells(condition), cancellationToken, parameters);
        var meters = await connection.ExecuteAsync(transaction, RollupSql.AddMeterCells(condition), cancellationToken, parameters);
        await connection.ExecuteAsync(transaction, RollupSql.AddUniques(condition), cancellationToken, parameters);
        await transaction.CommitAsync(cancellationToken);
        return (calls, meters);
    }
}
