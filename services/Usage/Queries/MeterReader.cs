using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Rollups;
using Npgsql;

namespace BotGeneric.Usage.Queries;

/// <summary>A meter's value in a period and group.</summary>
/// <param name="Period">The number of the period, from 0.</param>
/// <param name="Group">The values of the dimensions that were grouped by, in their order.</param>
/// <param name="Value">The value as a decimal text.</param>
internal sealed record MeterSum(int Period, IReadOnlyList<string?> Group, string Value);

/// <summary>Adds up the operator's meters, exactly at any moment, as <see cref="UsageReader"/> does calls.</summary>
/// <param name="dataSource">Usage's database.</param>
internal sealed class MeterReader(NpgsqlDataSource dataSource)
{
    /// <summary>Adds up a meter.</summary>
    /// <param name="meter">The meter.</param>
    /// <param name="query">Which of its events; dimensions are the meter's own.</param>
    /// <param name="limit">Values at most.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The values by period and group; one more than the limit when there are more.</returns>
    public async Task<List<MeterSum>> SumAsync(Meter meter, CellQuery query, int limit, CancellationToken cancellationToken)
    {
        var sql = new SqlText();
        var account = sql.Parameter(query.Account);
        var code = sql.Parameter(meter.Code);
        var from = sql.Parameter(query.Starts[0]);
        var to = sql.Parameter(query.To);
        var starts = sql.Parameter(query.Starts.ToArray());
        var groups = string.Concat(query.GroupBy.Select(name => $", dimensions ->> {sql.Parameter(name)}"));
        var filters = string.Concat(query.Filters.Select(filter => $" AND dimensions ->> {sql.Parameter(filter.Name)} = ANY ({sql.Parameter(filter.Values.ToArray())})"));
        var open = $"e.account_id = {account} AND e.time >= {from} AND e.time < {to} AND e.batch_id = ANY ({RollupSql.OpenBatches}) AND m.code = {code}";
        var stored = $"account_id = {account} AND meter = {code} AND bucket >= {from} AND bucket < {to}";
        var cells = meter.Aggregation == MeterAggregation.Unique
            ? $"SELECT bucket, dimensions, value FROM meter_uniques WHERE {stored} UNION ALL SELECT bucket, dimensions, text FROM ({MeterSql.MeasuredEntries(open)}) AS open WHERE text IS NOT NULL"
            : $"SELECT bucket, dimensions, events, total, highest, latest, latest_at, latest_entry_id FROM meter_rollups WHERE {stored} UNION ALL SELECT bucket, dimensions, events, total, highest, latest, latest_at, latest_entry_id FROM ({MeterSql.Cells(open)}) AS open ({MeterSql.Columns})";
        var positions = string.Concat(query.GroupBy.Select((_, position) => $", {position + 3}"));
        sql.Add(
            $"""
            SELECT width_bucket(bucket, {starts}) - 1 AS period, ({Value(meter.Aggregation)})::text AS value{groups}
              FROM ({cells}) AS cells
             WHERE true{filters}
             GROUP BY 1{positions}
             ORDER BY 1{positions}
             LIMIT {sql.Parameter(limit + 1)}
            """);
        await using var command = sql.On(dataSource);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var sums = new List<MeterSum>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var group = Enumerable.Range(2, query.GroupBy.Count).Select(position => reader.IsDBNull(position) ? null : reader.GetString(position)).ToArray();
            sums.Add(new MeterSum(reader.GetInt32(0), group, reader.GetString(1)));
        }

        return sums;
    }

    private static string Value(MeterAggregation aggregation) => aggregation switch
    {
        MeterAggregation.Sum => "trim_scale(sum(total))",
        MeterAggregation.Count => "sum(events)",
        MeterAggregation.Unique => "count(DISTINCT value)",
        MeterAggregation.Max => "trim_scale(max(highest))",
        MeterAggregation.Latest => "trim_scale((array_agg(latest ORDER BY latest_at DESC, latest_entry_id DESC))[1])",
        _ => throw new ArgumentOutOfRangeException(nameof(aggregation), aggregation, "Unknown aggregation."),
    };
}
