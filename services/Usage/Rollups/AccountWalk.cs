using Npgsql;

namespace BotGeneric.Usage.Rollups;

/// <summary>Goes over the accounts that have usage or rollups, one step of an index of each table at a time.</summary>
internal static class AccountWalk
{
    private static readonly string[] Tables = ["ledger", "usage_rollups", "meter_rollups", "meter_uniques"];

    private static readonly string Next =
        $"""
        WITH RECURSIVE walk (account) AS (
            SELECT {After("$1")}
            UNION ALL
            SELECT {After("walk.account")} FROM walk WHERE walk.account IS NOT NULL
        )
        SELECT account FROM walk WHERE account IS NOT NULL LIMIT $2
        """;

    /// <summary>The next accounts in their order.</summary>
    /// <param name="dataSource">Usage's database.</param>
    /// <param name="after">The account before; <see cref="Guid.Empty"/> to begin.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<List<Guid>> NextAsync(NpgsqlDataSource dataSource, Guid after, int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Next);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var accounts = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            accounts.Add(reader.GetGuid(0));
        }

        return accounts;
    }

    private static string After(string account) =>
        $"least({string.Join(", ", Tables.Select(table => $"(SELECT account_id FROM {table} WHERE account_id > {account} ORDER BY account_id LIMIT 1)"))})";
}
