using BotGeneric.Usage.Rollups;
using Npgsql;

namespace BotGeneric.Usage.Prices;

/// <summary>A model that was called and whose price is not known, at the time of the calls or at all.</summary>
/// <param name="Provider">The provider as reported; null when nobody said.</param>
/// <param name="Model">The model as reported; null when nobody said.</param>
/// <param name="Calls">Calls without a cost.</param>
/// <param name="From">The quarter of an hour of the earliest of them, UTC.</param>
/// <param name="To">The end of that of the latest, UTC.</param>
public sealed record UnpricedModel(string? Provider, string? Model, long Calls, DateTimeOffset From, DateTimeOffset To);

/// <summary>Counts calls without a cost, exactly at any moment.</summary>
/// <param name="dataSource">Usage's database.</param>
public sealed class UnpricedCalls(NpgsqlDataSource dataSource)
{
    private static readonly string Count =
        $"""
        SELECT provider, model, sum(unpriced)::bigint AS calls, min(bucket), max(bucket)
          FROM (
            SELECT provider, model, bucket, sum(unpriced) AS unpriced
              FROM (
                SELECT provider, model, bucket, unpriced FROM usage_rollups WHERE unpriced <> 0
                UNION ALL
                SELECT provider, model, bucket, unpriced
                  FROM (SELECT e.provider, e.model, {RollupSql.Bucket} AS bucket, {RollupSql.EntryMeasures} FROM ledger AS e
                         WHERE {RollupSql.IsCall} AND e.batch_id = ANY ({RollupSql.OpenBatches})) AS open
              ) AS cells
             GROUP BY provider, model, bucket
            HAVING sum(unpriced) <> 0
          ) AS buckets
         GROUP BY provider, model
        HAVING sum(unpriced) > 0
         ORDER BY calls DESC, provider, model
         LIMIT 1000
        """;

    /// <summary>The models, the most calls first, at most 1,000.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<UnpricedModel>> ListAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Count);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var models = new List<UnpricedModel>();
        while (await reader.ReadAsync(cancellationToken))
        {
            models.Add(new UnpricedModel(
                reader.IsDBNull(0) ? null : reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetInt64(2),
                reader.GetFieldValue<DateTimeOffset>(3), reader.GetFieldValue<DateTimeOffset>(4) + Queries.Periods.Cell));
        }

        return models;
    }
}
