using Microsoft.EntityFrameworkCore.Migrations;

namespace BotGeneric.Usage.Rollups;

/// <summary>The table of rebuilds, and how a step of one is taken.</summary>
internal static class RebuildSql
{
    /// <summary>Which entries <c>e</c> are in the rollups.</summary>
    public const string Folded = $"NOT e.batch_id = ANY ({RollupSql.OpenBatches})";

    /// <summary>Asks for one, unless one is under way. $1 now.</summary>
    public const string Request = "INSERT INTO rollup_rebuilds (requested_at) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id";

    /// <summary>The one that is under way, for whoever comes first.</summary>
    public const string Claim = "SELECT id, last_account FROM rollup_rebuilds WHERE finished_at IS NULL FOR UPDATE SKIP LOCKED";

    /// <summary>One account is done. $1 the rebuild, $2 the account, $3 and $4 cells.</summary>
    public const string Advance =
        "UPDATE rollup_rebuilds SET last_account = $2, accounts = accounts + 1, call_cells = call_cells + $3, meter_cells = meter_cells + $4, failure = NULL WHERE id = $1";

    /// <summary>All accounts are done. $1 the rebuild, $2 now.</summary>
    public const string Finish = "UPDATE rollup_rebuilds SET finished_at = $2, failure = NULL WHERE id = $1";

    /// <summary>A step failed. $1 what happened.</summary>
    public const string Fail = "UPDATE rollup_rebuilds SET failure = left($1, 500) WHERE finished_at IS NULL";

    /// <summary>The latest. $1 at most so many.</summary>
    public const string Latest = $"{Select} ORDER BY id DESC LIMIT $1";

    /// <summary>One. $1 which.</summary>
    public const string Find = $"{Select} WHERE id = $1";

    private const string Select = "SELECT id, requested_at, finished_at, accounts, call_cells, meter_cells, failure FROM rollup_rebuilds";

    private const string Table =
        """
        CREATE TABLE rollup_rebuilds (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_rollup_rebuilds PRIMARY KEY,
            requested_at timestamp with time zone NOT NULL,
            finished_at timestamp with time zone,
            last_account uuid,
            accounts bigint NOT NULL DEFAULT 0,
            call_cells bigint NOT NULL DEFAULT 0,
            meter_cells bigint NOT NULL DEFAULT 0,
            failure character varying(500)
        );
        CREATE UNIQUE INDEX ix_rollup_rebuilds_under_way ON rollup_rebuilds ((true)) WHERE finished_at IS NULL;
        """;

    // The version before this one adds cells without saying how many corrections are in them: there were none of meters.
    private const string Corrections = "ALTER TABLE meter_rollups ADD COLUMN corrections bigint NOT NULL DEFAULT 0;";

    /// <summary>Creates the table, and the column that says how many corrections are in a cell of a meter.</summary>
    /// <param name="migration">The migration.</param>
    public static void CreateRebuilds(this MigrationBuilder migration) => migration.Sql(Table + Corrections);

    /// <summary>Drops both.</summary>
    /// <param name="migration">The migration.</param>
    public static void DropRebuilds(this MigrationBuilder migration) => migration.Sql("DROP TABLE rollup_rebuilds; ALTER TABLE meter_rollups DROP COLUMN corrections;");
}
