using Npgsql;

namespace BotGeneric.Usage.Rollups;

/// <summary>
/// Folds what was recorded into the rollups, batch by batch: the sums and the mark that a batch is in them are one commit. Whoever reads adds the rows of
/// batches without the mark, so the answer is the same before and after, and a folder that dies in between has changed nothing.
/// </summary>
/// <param name="dataSource">Usage's database.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class RollupFolder(NpgsqlDataSource dataSource, TimeProvider timeProvider)
{
    private const string Claim = "SELECT id FROM ledger_batches WHERE rolled_up_at IS NULL ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED";
    private const string Mark = "UPDATE ledger_batches SET rolled_up_at = $2 WHERE id = ANY ($1)";
    private const string OfBatches = "e.batch_id = ANY ($1)";

    private static readonly string AddCalls = RollupSql.AddCallCells(OfBatches);
    private static readonly string AddMeters = MeterSql.AddCells(OfBatches);
    private static readonly string AddUniques = MeterSql.AddUniques(OfBatches);

    /// <summary>Folds batches that nobody else is folding.</summary>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Cancels; nothing is then folded.</param>
    /// <returns>How many were folded.</returns>
    public async Task<int> FoldAsync(int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(transaction, RollupLock.Share, cancellationToken);
        var batches = await ClaimAsync(connection, transaction, limit, cancellationToken);
        if (batches.Length == 0)
        {
            return 0;
        }

        await connection.ExecuteAsync(transaction, AddCalls, cancellationToken, batches);
        await connection.ExecuteAsync(transaction, AddMeters, cancellationToken, batches);
        await connection.ExecuteAsync(transaction, AddUniques, cancellationToken, batches);
        await connection.ExecuteAsync(transaction, Mark, cancellationToken, batches, timeProvider.GetUtcNow());
        await transaction.CommitAsync(cancellationToken);
        return batches.Length;
    }

    /// <summary>Folds until nothing is left that nobody else is folding.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task FoldAllAsync(CancellationToken cancellationToken)
    {
        const int Limit = 50;
        while (await FoldAsync(Limit, cancellationToken) == Limit)
        {
        }
    }

    private static async Task<long[]> ClaimAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, int limit, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Claim, connection, transaction) { Parameters = { new() { Value = limit } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var batches = new List<long>(limit);
        while (await reader.ReadAsync(cancellationToken))
        {
            batches.Add(reader.GetInt64(0));
        }

        return [.. batches];
    }
}
