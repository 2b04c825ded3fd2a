using System.Globalization;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BotGeneric.Usage.Rollups;

/// <summary>
/// Drops the entries of months that are kept no longer, one month in one transaction. What they add to the rollups is first moved to archived cells, which no
/// rebuild touches, so every sum stays as it was. A month of which a batch is not in the rollups waits.
/// </summary>
/// <param name="dataSource">Usage's database.</param>
/// <param name="options">How long entries are kept.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class LedgerRetention(NpgsqlDataSource dataSource, IOptions<RollupOptions> options, TimeProvider timeProvider)
{
    private const string Prefix = "ledger_";

    private const string Partitions =
        "SELECT child.relname FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid WHERE inhparent = 'ledger'::regclass AND child.relname ~ '^ledger_[0-9]{4}_[0-9]{2}$' ORDER BY 1";

    private const string InMonth = "e.recorded_at >= $1 AND e.recorded_at < $2";

    // Taken from the cells that can be rebuilt. The highest and the latest value of a meter stay in them; they stand in the archived cell too.
    private static readonly string TakeCalls =
        $"""
        UPDATE usage_rollups AS r SET
            requests = r.requests - m.requests, input_tokens = r.input_tokens - m.input_tokens, cached_input_tokens = r.cached_input_tokens - m.cached_input_tokens,
            cache_write_tokens = r.cache_write_tokens - m.cache_write_tokens, output_tokens = r.output_tokens - m.output_tokens,
            reasoning_tokens = r.reasoning_tokens - m.reasoning_tokens, cost = r.cost - m.cost, entries = r.entries - m.entries, unpriced = r.unpriced - m.unpriced
          FROM ({RollupSql.CallCells(InMonth)}) AS m (account_id, bucket, is_archived, {RollupSql.Dimensions}, {RollupSql.Measures})
         WHERE r.account_id = m.account_id AND r.bucket = m.bucket AND NOT r.is_archived AND r.user_id IS NOT DISTINCT FROM m.user_id
           AND r.api_key_id IS NOT DISTINCT FROM m.api_key_id AND r.feature = m.feature AND r.channel IS NOT DISTINCT FROM m.channel
           AND r.provider IS NOT DISTINCT FROM m.provider AND r.model IS NOT DISTINCT FROM m.model AND r.currency IS NOT DISTINCT FROM m.currency
        """;

    private static readonly string TakeMeters =
        $"""
        UPDATE meter_rollups AS r SET events = r.events - m.events, corrections = r.corrections - m.corrections, total = r.total - m.total
          FROM ({MeterSql.Cells(InMonth)}) AS m ({MeterSql.Columns})
         WHERE r.account_id = m.account_id AND r.meter = m.meter AND r.bucket = m.bucket AND NOT r.is_archived AND r.dimensions = m.dimensions
        """;

    /// <summary>Drops every month that is due.</summary>
    /// <param name="cancellationToken">Cancels; a month is then either there or archived.</param>
    /// <returns>The partitions that were dropped.</returns>
    public async Task<IReadOnlyList<string>> DropAsync(CancellationToken cancellationToken)
    {
        var keepFrom = timeProvider.GetUtcNow().AddMonths(-options.Value.RetentionMonths);
        var dropped = new List<string>();
        foreach (var partition in await ListAsync(cancellationToken))
        {
            var month = DateTimeOffset.ParseExact(
                partition[Prefix.Length..], "yyyy'_'MM", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
            if (month.AddMonths(1) <= keepFrom && await DropAsync(partition, month, cancellationToken))
            {
                dropped.Add(partition);
            }
        }

        return dropped;
    }

    private async Task<bool> DropAsync(string partition, DateTimeOffset month, CancellationToken cancellationToken)
    {
        object[] span = [month, month.AddMonths(1)];
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(transaction, RollupLock.Take, cancellationToken);
        await using (var open = new NpgsqlCommand($"SELECT EXISTS (SELECT 1 FROM {partition} WHERE batch_id = ANY ({RollupSql.OpenBatches}))", connection, transaction))
        {
            if ((bool)(await open.ExecuteScalarAsync(cancellationToken))!)
            {
                return false;
            }
        }

        await connection.ExecuteAsync(transaction, RollupSql.AddCallCells(InMonth, archived: true), cancellationToken, span);
        await connection.ExecuteAsync(transaction, MeterSql.AddCells(InMonth, archived: true), cancellationToken, span);
        await connection.ExecuteAsync(transaction, MeterSql.AddUniques(InMonth, archived: true), cancellationToken, span);
        await connection.ExecuteAsync(transaction, TakeCalls, cancellationToken, span);
        await connection.ExecuteAsync(transaction, TakeMeters, cancellationToken, span);
        await connection.ExecuteAsync(transaction, "DELETE FROM usage_rollups WHERE NOT is_archived AND entries = 0", cancellationToken);
        await connection.ExecuteAsync(transaction, "DELETE FROM meter_rollups WHERE NOT is_archived AND events = 0 AND corrections = 0", cancellationToken);
        await connection.ExecuteAsync(transaction, "DELETE FROM ledger_batches WHERE rolled_up_at IS NOT NULL AND recorded_at >= $1 AND recorded_at < $2", cancellationToken, span);
        // Whoever writes waits for the detachment, so it must not itself wait long for whoever reads: it is tried again at the next opportunity.
        await connection.ExecuteAsync(transaction, "SET LOCAL lock_timeout = '5s'", cancellationToken);
        await connection.ExecuteAsync(transaction, $"ALTER TABLE ledger DETACH PARTITION {partition}", cancellationToken);
        await connection.ExecuteAsync(transaction, $"DROP TABLE {partition}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private async Task<List<string>> ListAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Partitions);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var partitions = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            partitions.Add(reader.GetString(0));
        }

        return partitions;
    }
}
