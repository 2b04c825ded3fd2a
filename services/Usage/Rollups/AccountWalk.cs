using Npgsql;

namespace BotGeneric.Usage.Rollups;

/// <summary>Goes over the accounts that have usage, one step of an index each.</summary>
internal static class AccountWalk
{
    private const string Next =
        """
        WITH RECURSIVE walk (account) AS (
            SELECT least((SELECT account_id FROM usage_rollups WHERE account_id > $1 ORDER BY account_id LIMIT 1),
                         (SELECT account_id FROM ledger WHERE account_id > $1 ORDER BY account_id LIMIT 1))
            UNION ALL
            SELECT least((SELECT account_id FROM usage_rollups WHERE account_id > walk.account ORDER BY account_id LIMIT 1),
                         (SELECT account_id FROM ledger WHERE account_id > walk.account ORDER BY account_id LIMIT 1))
              FROM walk WHERE walk.account IS NOT NULL
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
}
