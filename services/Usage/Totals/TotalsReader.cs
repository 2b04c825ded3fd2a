using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Usage.Rollups;
using Npgsql;

namespace BotGeneric.Usage.Totals;

/// <summary>Adds up what accounts used in a time, exactly at any moment: rollups, and the rows of batches that are not in them.</summary>
/// <param name="dataSource">Usage's database.</param>
internal sealed class TotalsReader(NpgsqlDataSource dataSource)
{
    private static readonly string Calls =
        $"""
        SELECT account_id, currency, sum(requests)::numeric, sum(input_tokens + cached_input_tokens + cache_write_tokens)::numeric, sum(output_tokens + reasoning_tokens)::numeric, sum(cost)
          FROM (
            SELECT account_id, currency, requests, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost FROM usage_rollups
             WHERE account_id = ANY ($1) AND bucket >= $2 AND bucket < $3
            UNION ALL
            SELECT e.account_id, e.currency, e.requests, e.input_tokens, e.cached_input_tokens, e.cache_write_tokens, e.output_tokens, e.reasoning_tokens, coalesce(e.cost, 0)
              FROM ledger AS e
             WHERE e.account_id = ANY ($1) AND e.time >= $2 AND e.time < $3 AND {RollupSql.IsCall} AND e.batch_id = ANY ({RollupSql.OpenBatches})
          ) AS cells
         GROUP BY account_id, currency
        """;

    private static readonly string Meters =
        $"""
        SELECT account_id, code, sum(CASE aggregation WHEN 'count' THEN events ELSE total END)
          FROM (
            SELECT account_id, meter, events, total FROM meter_rollups WHERE account_id = ANY ($1) AND bucket >= $2 AND bucket < $3
            UNION ALL
            SELECT account_id, meter, events, total
              FROM ({MeterSql.Cells($"e.account_id = ANY ($1) AND e.time >= $2 AND e.time < $3 AND e.batch_id = ANY ({RollupSql.OpenBatches})")}) AS open ({MeterSql.Columns})
          ) AS cells
          JOIN meters ON code = meter AND aggregation IN ('sum', 'count')
         GROUP BY account_id, code
        """;

    /// <summary>Adds up.</summary>
    /// <param name="accounts">The accounts.</param>
    /// <param name="from">The first moment, on a quarter of an hour.</param>
    /// <param name="to">The first moment after, on a quarter of an hour.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Each account, in the order given.</returns>
    public async Task<IReadOnlyList<AccountTotal>> ReadAsync(
        IReadOnlyList<Guid> accounts, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var meters = accounts.ToDictionary(account => account, _ => new Dictionary<string, decimal>(StringComparer.Ordinal));
        var costs = accounts.ToDictionary(account => account, _ => new Dictionary<string, decimal>(StringComparer.Ordinal));
        // Both questions see the ledger at one moment.
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        await using (var command = Command(Calls))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var account = reader.GetGuid(0);
                Add(meters[account], Contracts.Meters.Requests, reader.GetDecimal(2));
                Add(meters[account], Contracts.Meters.InputTokens, reader.GetDecimal(3));
                Add(meters[account], Contracts.Meters.OutputTokens, reader.GetDecimal(4));
                if (!reader.IsDBNull(1))
                {
                    Add(costs[account], reader.GetString(1), reader.GetDecimal(5));
                }
            }
        }

        await using (var command = Command(Meters))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                Add(meters[reader.GetGuid(0)], reader.GetString(1), reader.GetDecimal(2));
            }
        }

        return [.. accounts.Select(account => new AccountTotal(account, meters[account], costs[account]))];

        NpgsqlCommand Command(string sql) => new(sql, connection, transaction)
        {
            CommandTimeout = 0,
            Parameters = { new() { Value = accounts.ToArray() }, new() { Value = from }, new() { Value = to } },
        };
    }

    // The rows of one account differ in their currency.
    private static void Add(Dictionary<string, decimal> sums, string name, decimal amount)
    {
        if (amount != 0)
        {
            sums[name] = sums.GetValueOrDefault(name) + amount;
        }
    }
}
