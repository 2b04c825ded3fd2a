using BotGeneric.Usage.Rollups;
using Microsoft.EntityFrameworkCore.Migrations;

namespace BotGeneric.Usage.Invariants;

/// <summary>What must hold for the ledger and its rollups, as statements that find what does not.</summary>
internal static class InvariantSql
{
    /// <summary>
    /// Days of an account ($1) on which the ledger and the rollups that are made of it do not say the same. One statement, so one snapshot; rows of batches that are not folded
    /// are in neither.
    /// </summary>
    public static readonly string Differences =
        $"""
        WITH sums AS (
            SELECT day, currency, side, {RollupSql.Sums}
              FROM (
                SELECT (e.time AT TIME ZONE 'UTC')::date AS day, e.currency, 1 AS side, {RollupSql.EntryMeasures} FROM ledger AS e
                 WHERE e.account_id = $1 AND {RollupSql.IsCall} AND NOT e.batch_id = ANY ({RollupSql.OpenBatches})
                UNION ALL
                SELECT (bucket AT TIME ZONE 'UTC')::date, currency, 2, {RollupSql.Measures} FROM usage_rollups WHERE account_id = $1 AND NOT is_archived
              ) AS rows
             GROUP BY day, currency, side),
        named (day, currency, side, requests, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost, entries, unpriced) AS (SELECT * FROM sums)
        SELECT day
          FROM named
         GROUP BY day, currency
        HAVING {string.Join(" OR ", RollupSql.Measures.Split(", ").Select(name => $"sum(CASE side WHEN 1 THEN {name} ELSE -{name} END) <> 0"))}
         ORDER BY day
        """;

    /// <summary>Days of an account ($1) with a cell in which something is negative.</summary>
    public static readonly string Negatives =
        $"""
        SELECT DISTINCT (bucket AT TIME ZONE 'UTC')::date AS day
          FROM usage_rollups
         WHERE account_id = $1
         GROUP BY bucket, user_id, api_key_id, feature, channel, provider, model
        HAVING {string.Join(" OR ", RollupSql.Measures.Split(", ").Select(name => $"sum({name}) < 0"))}
         ORDER BY day
        """;

    private const string Table =
        """
        CREATE TABLE invariant_runs (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_invariant_runs PRIMARY KEY,
            started_at timestamp with time zone NOT NULL,
            finished_at timestamp with time zone NOT NULL,
            accounts integer NOT NULL,
            last_account uuid NOT NULL,
            violations jsonb NOT NULL
        );
        """;

    /// <summary>Creates the table of runs.</summary>
    /// <param name="migration">The migration.</param>
    public static void CreateInvariantRuns(this MigrationBuilder migration) => migration.Sql(Table);

    /// <summary>Drops it.</summary>
    /// <param name="migration">The migration.</param>
    public static void DropInvariantRuns(this MigrationBuilder migration) => migration.Sql("DROP TABLE invariant_runs;");
}
