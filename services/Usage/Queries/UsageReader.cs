using BotGeneric.Usage.Rollups;
using Npgsql;

namespace BotGeneric.Usage.Queries;

/// <summary>What is to be added up.</summary>
/// <param name="Account">Whose calls.</param>
/// <param name="Starts">The starts of the periods; the first is the first moment of all.</param>
/// <param name="To">The first moment after.</param>
/// <param name="GroupBy">Names of <see cref="Dimensions"/>.</param>
/// <param name="Filters">Only these calls.</param>
internal sealed record CellQuery(
    Guid Account, IReadOnlyList<DateTimeOffset> Starts, DateTimeOffset To, IReadOnlyList<string> GroupBy, IReadOnlyList<DimensionFilter> Filters);

/// <summary>
/// Adds up calls and meters: the rollups, and the rows of batches that are not in them, in one statement and so in one snapshot. The answer is exact at any
/// moment.
/// </summary>
/// <param name="dataSource">Usage's database.</param>
internal sealed class UsageReader(NpgsqlDataSource dataSource)
{
    /// <summary>Adds up calls.</summary>
    /// <param name="query">Which.</param>
    /// <param name="limit">Sums at most.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The sums by period and group; one more than the limit when there are more.</returns>
    public async Task<List<CellSum>> SumAsync(CellQuery query, int limit, CancellationToken cancellationToken)
    {
        var sql = new SqlText();
        var account = sql.Parameter(query.Account);
        var from = sql.Parameter(query.Starts[0]);
        var to = sql.Parameter(query.To);
        var starts = sql.Parameter(query.Starts.ToArray());
        var filters = string.Concat(query.Filters.Select(filter => $" AND {Condition(sql, filter)}"));
        var groups = string.Concat(query.GroupBy.Select(name => $", {Dimensions.Columns[name]}"));
        sql.Add(
            $"""
            SELECT width_bucket(bucket, {starts}) - 1 AS period, currency{groups}, {RollupSql.Sums}
              FROM (
                SELECT bucket, {RollupSql.Dimensions}, {RollupSql.Measures} FROM usage_rollups
                 WHERE account_id = {account} AND bucket >= {from} AND bucket < {to}{filters}
                UNION ALL
                SELECT e.time, {RollupSql.Dimensions}, {RollupSql.EntryMeasures} FROM ledger AS e
                 WHERE e.account_id = {account} AND e.time >= {from} AND e.time < {to} AND {RollupSql.IsCall} AND e.batch_id = ANY ({RollupSql.OpenBatches}){filters}
              ) AS cells
             GROUP BY period, currency{groups}
             ORDER BY period{groups}, currency
             LIMIT {sql.Parameter(limit + 1)}
            """);
        await using var command = sql.On(dataSource);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var sums = new List<CellSum>();
        while (await reader.ReadAsync(cancellationToken))
        {
            sums.Add(Read(reader, query.GroupBy.Count));
        }

        return sums;
    }

    /// <summary>Whether an entry or a cell satisfies a filter.</summary>
    internal static string Condition(SqlText sql, DimensionFilter filter)
    {
        var column = Dimensions.Columns[filter.Name];
        return filter.Name == Dimensions.User
            // What is no id is nobody's.
            ? $"{column} = ANY ({sql.Parameter(filter.Values.Select(value => Guid.TryParse(value, out var id) ? id : Guid.Empty).ToArray())})"
            : $"{column} = ANY ({sql.Parameter(filter.Values.ToArray())})";
    }

    private static CellSum Read(NpgsqlDataReader reader, int groups)
    {
        var group = new string?[groups];
        for (var position = 0; position < groups; position++)
        {
            group[position] = reader.IsDBNull(2 + position) ? null : reader.GetValue(2 + position).ToString();
        }

        var first = 2 + groups;
        return new CellSum(
            reader.GetInt32(0), group, reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetInt64(first), reader.GetInt64(first + 1), reader.GetInt64(first + 2),
            reader.GetInt64(first + 3), reader.GetInt64(first + 4), reader.GetInt64(first + 5), reader.GetDecimal(first + 6), reader.GetInt64(first + 7), reader.GetInt64(first + 8));
    }
}
