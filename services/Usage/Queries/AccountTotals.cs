using BotGeneric.Usage.Rollups;
using Npgsql;

namespace BotGeneric.Usage.Queries;

/// <summary>What an account used in a time.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="Users">By the person who caused it.</param>
public sealed record AccountTotals(Guid AccountId, IReadOnlyList<PersonTotals> Users);

/// <summary>What a person caused.</summary>
/// <param name="UserId">The person; null for what was reported without one.</param>
/// <param name="Calls">The calls of models.</param>
/// <param name="Meters">The operator's meters that add up or count, by code, as decimal texts.</param>
public sealed record PersonTotals(Guid? UserId, UsageTotals Calls, IReadOnlyDictionary<string, string> Meters);

/// <summary>Exact totals of many accounts, for whoever compares them with counters of his own.</summary>
/// <param name="dataSource">Usage's database.</param>
internal sealed class AccountTotalsReader(NpgsqlDataSource dataSource)
{
    private static readonly string Calls =
        $"""
        SELECT account_id, user_id, currency, {RollupSql.Sums}
          FROM (
            SELECT account_id, {RollupSql.Dimensions}, {RollupSql.Measures} FROM usage_rollups WHERE account_id = ANY ($1) AND bucket >= $2 AND bucket < $3
            UNION ALL
            SELECT e.account_id, {RollupSql.Dimensions}, {RollupSql.EntryMeasures} FROM ledger AS e
             WHERE e.account_id = ANY ($1) AND e.time >= $2 AND e.time < $3 AND {RollupSql.IsCall} AND e.batch_id = ANY ({RollupSql.OpenBatches})
          ) AS cells
         GROUP BY account_id, user_id, currency
        """;

    // Rollups of meters do not know who caused an event; the entries do.
    private static readonly string Meters =
        $"""
        SELECT account_id, user_id, meter, trim_scale(CASE aggregation WHEN 'count' THEN {MeterSql.Events} ELSE sum(number) END)::text
          FROM ({MeterSql.MeasuredEntries("e.account_id = ANY ($1) AND e.time >= $2 AND e.time < $3 AND m.aggregation IN ('sum', 'count')")}) AS measured
         WHERE aggregation = 'count' OR number IS NOT NULL
         GROUP BY account_id, user_id, meter, aggregation
        """;

    /// <summary>The totals of the next accounts that have any usage at all.</summary>
    /// <param name="account">Only this one; null: all.</param>
    /// <param name="after">The account before.</param>
    /// <param name="limit">Accounts at most.</param>
    /// <param name="from">The first moment.</param>
    /// <param name="to">The first moment after.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<AccountTotals>> ReadAsync(
        Guid? account, Guid after, int limit, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var accounts = account is { } one ? (after == Guid.Empty ? [one] : []) : await AccountWalk.NextAsync(dataSource, after, limit, cancellationToken);
        var calls = new List<(Guid Account, Guid? User, CellSum Sum)>();
        await using (var command = Command(Calls, accounts, from, to))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                calls.Add((reader.GetGuid(0), reader.IsDBNull(1) ? null : reader.GetGuid(1), new CellSum(
                    0, [], reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6), reader.GetInt64(7),
                    reader.GetInt64(8), reader.GetDecimal(9), reader.GetInt64(10), reader.GetInt64(11))));
            }
        }

        var meters = new List<(Guid Account, Guid? User, string Meter, string Value)>();
        await using (var command = Command(Meters, accounts, from, to))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                meters.Add((reader.GetGuid(0), reader.IsDBNull(1) ? null : reader.GetGuid(1), reader.GetString(2), reader.GetString(3)));
            }
        }

        var callsByPerson = calls.ToLookup(row => (row.Account, row.User), row => row.Sum);
        var metersByPerson = meters.ToLookup(row => (row.Account, row.User));
        var people = calls.Select(row => (row.Account, row.User)).Concat(meters.Select(row => (row.Account, row.User))).Distinct().ToLookup(person => person.Account);
        return [.. accounts.Select(id => new AccountTotals(id, [.. people[id].OrderBy(person => person.User).Select(person => new PersonTotals(
            person.User, UsageTotals.Of(callsByPerson[person]), metersByPerson[person].ToDictionary(row => row.Meter, row => row.Value)))]))];
    }

    private NpgsqlCommand Command(string sql, List<Guid> accounts, DateTimeOffset from, DateTimeOffset to)
    {
        var command = dataSource.CreateCommand(sql);
        command.Parameters.Add(new() { Value = accounts.ToArray() });
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = to });
        return command;
    }
}
