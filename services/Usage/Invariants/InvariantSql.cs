using BotGeneric.Usage.Rollups;
using Microsoft.EntityFrameworkCore.Migrations;

namespace BotGeneric.Usage.Invariants;

/// <summary>What must hold for the ledger and its rollups, as statements that find what does not.</summary>
internal static class InvariantSql
{
    private const string OfEntries = "e.account_id = $1 AND e.time >= $2 AND e.time < $3";
    private const string OfCells = "account_id = $1 AND bucket >= $2 AND bucket < $3";

    /// <summary>How many entries an account ($1) has from a time on ($2), and the time of the last of them; of so many ($3) at most.</summary>
    public const string Slice =
        "SELECT count(*), max(time) FROM (SELECT time FROM ledger WHERE account_id = $1 AND time >= $2 ORDER BY time LIMIT $3) AS entries";

    /// <summary>
    /// Days of an account ($1) on which the ledger and the rollups that are made of it do not say the same, from a time ($2) to another ($3). One statement, so one snapshot; rows
    /// of batches that are not folded are in neither.
    /// </summary>
    public static readonly string Differences =
        $"""
        WITH sums AS (
            SELECT day, currency, side, {RollupSql.Sums}
              FROM (
                SELECT (e.time AT TIME ZONE 'UTC')::date AS day, e.currency, 1 AS side, {RollupSql.EntryMeasures} FROM ledger AS e
                 WHERE {OfEntries} AND {RollupSql.IsCall} AND NOT e.batch_id = ANY ({RollupSql.OpenBatches})
                UNION ALL
                SELECT (bucket AT TIME ZONE 'UTC')::date, currency, 2, {RollupSql.Measures} FROM usage_rollups WHERE {OfCells} AND NOT is_archived
              ) AS rows
             GROUP BY day, currency, side),
        named (day, currency, side, requests, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost, entries, unpriced) AS (SELECT * FROM sums)
        SELECT day
          FROM named
         GROUP BY day, currency
        HAVING {string.Join(" OR ", RollupSql.Measures.Split(", ").Select(name => $"sum(CASE side WHEN 1 THEN {name} ELSE -{name} END) <> 0"))}
         ORDER BY day
        """;

    /// <summary>
    /// Days of an account ($1) from a time ($2) to another ($3) on which the ledger and the rollups of a meter do not say the same, and the meter. Where a month was archived, the largest and the latest value of what was
    /// archived may stand in the cells that can be rebuilt too.
    /// </summary>
    public static readonly string MeterDifferences =
        $"""
        WITH said AS (SELECT * FROM ({MeterSql.Cells($"{OfEntries} AND {RebuildSql.Folded}")}) AS made ({MeterSql.Columns})),
        kept AS (SELECT {MeterSql.Columns} FROM meter_rollups WHERE {OfCells} AND NOT is_archived),
        archived AS (SELECT meter, bucket, dimensions, true AS is_there FROM meter_rollups WHERE {OfCells} AND is_archived)
        SELECT DISTINCT (bucket AT TIME ZONE 'UTC')::date AS day, meter
          FROM said FULL JOIN kept USING (meter, bucket, dimensions) LEFT JOIN archived USING (meter, bucket, dimensions)
         WHERE (said.events, said.corrections, said.total) IS DISTINCT FROM (kept.events, kept.corrections, kept.total)
            OR (is_there IS NULL
                AND (said.highest, said.latest, said.latest_at, said.latest_entry_id) IS DISTINCT FROM (kept.highest, kept.latest, kept.latest_at, kept.latest_entry_id))
         ORDER BY day, meter
        """;

    /// <summary>Days of an account ($1) from a time ($2) to another ($3) on which the ledger has other different values of a meter than its rollups, and the meter. Archived values may stand in both kinds of cells.</summary>
    public static readonly string UniqueDifferences =
        $"""
        WITH said (account_id, meter, bucket, is_archived, dimensions, value) AS ({MeterSql.Uniques($"{OfEntries} AND {RebuildSql.Folded}")}),
        kept AS (SELECT meter, bucket, dimensions, value, true AS is_kept FROM meter_uniques WHERE {OfCells} AND NOT is_archived),
        archived AS (SELECT meter, bucket, dimensions, value, true AS is_there FROM meter_uniques WHERE {OfCells} AND is_archived)
        SELECT DISTINCT (bucket AT TIME ZONE 'UTC')::date AS day, meter
          FROM said FULL JOIN kept USING (meter, bucket, dimensions, value) LEFT JOIN archived USING (meter, bucket, dimensions, value)
         WHERE is_kept IS NULL OR (said.account_id IS NULL AND is_there IS NULL)
         ORDER BY day, meter
        """;

    /// <summary>Days of an account ($1) from a time ($2) to another ($3) with a cell of a meter in which something is negative, and the meter.</summary>
    public const string MeterNegatives =
        $"""
        SELECT DISTINCT (bucket AT TIME ZONE 'UTC')::date AS day, meter
          FROM meter_rollups
         WHERE {OfCells}
         GROUP BY meter, bucket, dimensions
        HAVING sum(events) < 0 OR sum(corrections) < 0 OR sum(total) < 0
         ORDER BY day, meter
        """;

    /// <summary>Days of an account ($1) from a time ($2) to another ($3) with a cell in which something is negative.</summary>
    public static readonly string Negatives =
        $"""
        SELECT DISTINCT (bucket AT TIME ZONE 'UTC')::date AS day
          FROM usage_rollups
         WHERE {OfCells}
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

    // The version before this one does not say how far it came within an account, and begins with the next one.
    private const string Progress =
        """
        ALTER TABLE invariant_runs ADD COLUMN next_time timestamp with time zone, ADD COLUMN entries bigint NOT NULL DEFAULT 0, ADD COLUMN skipped integer NOT NULL DEFAULT 0;
        """;

    /// <summary>Adds how far a run came.</summary>
    /// <param name="migration">The migration.</param>
    public static void AddInvariantProgress(this MigrationBuilder migration) => migration.Sql(Progress);

    /// <summary>Takes it away.</summary>
    /// <param name="migration">The migration.</param>
    public static void DropInvariantProgress(this MigrationBuilder migration) =>
        migration.Sql("ALTER TABLE invariant_runs DROP COLUMN next_time, DROP COLUMN entries, DROP COLUMN skipped;");

    /// <summary>Creates the table of runs.</summary>
    /// <param name="migration">The migration.</param>
    public static void CreateInvariantRuns(this MigrationBuilder migration) => migration.Sql(Table);

    /// <summary>Drops it.</summary>
    /// <param name="migration">The migration.</param>
    public static void DropInvariantRuns(this MigrationBuilder migration) => migration.Sql("DROP TABLE invariant_runs;");
}
