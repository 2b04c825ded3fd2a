using Microsoft.EntityFrameworkCore.Migrations;

namespace BotGeneric.Usage.Rollups;

/// <summary>
/// The tables of rollups, and what a call in the ledger adds to them; what an event of a meter adds is in <see cref="MeterSql"/>. A cell is 15 minutes wide, the finest step of any time zone's offset, so that days of every
/// zone are made of whole cells. Cells that are archived hold what was in partitions that have been dropped; the others can be rebuilt from the ledger.
/// </summary>
internal static class RollupSql
{
    /// <summary>The batches whose rows stand in no rollup yet.</summary>
    public const string OpenBatches = "ARRAY(SELECT id FROM ledger_batches WHERE rolled_up_at IS NULL)";

    /// <summary>The cell of an entry <c>e</c>.</summary>
    public const string Bucket = "date_bin('15 minutes', e.time, TIMESTAMPTZ '2000-01-01 00:00:00+00')";

    /// <summary>What a call has beside numbers.</summary>
    public const string Dimensions = "user_id, api_key_id, feature, channel, provider, model, currency";

    /// <summary>The numbers of a cell.</summary>
    public const string Measures = "requests, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost, entries, unpriced";

    /// <summary>The numbers that an entry <c>e</c> adds. One without a cost is unpriced until a correction that names a price, or gives the first cost, follows.</summary>
    public const string EntryMeasures =
        """
        e.requests, e.input_tokens, e.cached_input_tokens, e.cache_write_tokens, e.output_tokens, e.reasoning_tokens, coalesce(e.cost, 0) AS cost, 1::bigint AS entries,
        CASE WHEN e.corrects_entry_id IS NULL AND e.cost IS NULL THEN 1 WHEN e.corrects_entry_id IS NOT NULL AND (e.price_id IS NOT NULL OR e.gives_cost) THEN -1 ELSE 0 END::bigint AS unpriced
        """;

    /// <summary>Which entries <c>e</c> are calls of a model, or corrections of such.</summary>
    public const string IsCall = "e.type = 'llm.call.v1'";

    /// <summary>The sums of cells or of entries.</summary>
    public const string Sums =
        """
        sum(requests)::bigint, sum(input_tokens)::bigint, sum(cached_input_tokens)::bigint, sum(cache_write_tokens)::bigint, sum(output_tokens)::bigint,
        sum(reasoning_tokens)::bigint, sum(cost), sum(entries)::bigint, sum(unpriced)::bigint
        """;

    /// <summary>Adds rows of cells to those that are there.</summary>
    public const string AddCells =
        """
        ON CONFLICT (account_id, bucket, is_archived, user_id, api_key_id, feature, channel, provider, model, currency) DO UPDATE SET
            requests = usage_rollups.requests + excluded.requests,
            input_tokens = usage_rollups.input_tokens + excluded.input_tokens,
            cached_input_tokens = usage_rollups.cached_input_tokens + excluded.cached_input_tokens,
            cache_write_tokens = usage_rollups.cache_write_tokens + excluded.cache_write_tokens,
            output_tokens = usage_rollups.output_tokens + excluded.output_tokens,
            reasoning_tokens = usage_rollups.reasoning_tokens + excluded.reasoning_tokens,
            cost = usage_rollups.cost + excluded.cost,
            entries = usage_rollups.entries + excluded.entries,
            unpriced = usage_rollups.unpriced + excluded.unpriced
        """;

    /// <summary>The tables.</summary>
    private const string Tables =
        """
        CREATE TABLE usage_rollups (
            bucket timestamp with time zone NOT NULL,
            requests bigint NOT NULL,
            input_tokens bigint NOT NULL,
            cached_input_tokens bigint NOT NULL,
            cache_write_tokens bigint NOT NULL,
            output_tokens bigint NOT NULL,
            reasoning_tokens bigint NOT NULL,
            entries bigint NOT NULL,
            unpriced bigint NOT NULL,
            account_id uuid NOT NULL,
            user_id uuid,
            is_archived boolean NOT NULL,
            currency character(3),
            cost numeric NOT NULL,
            feature character varying(100) NOT NULL,
            channel character varying(100),
            provider character varying(100),
            model character varying(100),
            api_key_id character varying(100)
        );
        CREATE UNIQUE INDEX ix_usage_rollups_cell ON usage_rollups
            (account_id, bucket, is_archived, user_id, api_key_id, feature, channel, provider, model, currency) NULLS NOT DISTINCT;
        CREATE INDEX ix_usage_rollups_user_id ON usage_rollups (user_id) WHERE user_id <> account_id;
        CREATE INDEX ix_usage_rollups_unpriced ON usage_rollups (provider, model) WHERE unpriced <> 0;

        CREATE TABLE meter_rollups (
            account_id uuid NOT NULL,
            meter character varying(100) NOT NULL,
            bucket timestamp with time zone NOT NULL,
            is_archived boolean NOT NULL,
            dimensions jsonb NOT NULL,
            events bigint NOT NULL,
            total numeric NOT NULL,
            highest numeric,
            latest numeric,
            latest_at timestamp with time zone NOT NULL,
            latest_entry_id uuid NOT NULL,
            CONSTRAINT pk_meter_rollups PRIMARY KEY (account_id, meter, bucket, is_archived, dimensions)
        );

        CREATE TABLE meter_uniques (
            account_id uuid NOT NULL,
            meter character varying(100) NOT NULL,
            bucket timestamp with time zone NOT NULL,
            is_archived boolean NOT NULL,
            dimensions jsonb NOT NULL,
            value text NOT NULL,
            CONSTRAINT pk_meter_uniques PRIMARY KEY (account_id, meter, bucket, is_archived, dimensions, value)
        );
        """;

    /// <summary>Cells of calls out of entries <c>e</c> that satisfy a condition.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="archived">Whether the cells are archived.</param>
    public static string CallCells(string condition, bool archived = false) =>
        $"""
        SELECT account_id, bucket, {(archived ? "true" : "false")}, {Dimensions}, {Sums}
          FROM (SELECT e.account_id, {Bucket} AS bucket, {Dimensions}, {EntryMeasures} FROM ledger AS e WHERE {IsCall} AND {condition}) AS entries
         GROUP BY account_id, bucket, {Dimensions}
         ORDER BY account_id, bucket, {Dimensions}
        """;

    /// <summary>Adds cells of calls out of entries that satisfy a condition. The cells are taken in order, so that two who add do not wait in a circle.</summary>
    /// <param name="condition">The condition, about <c>e</c>.</param>
    /// <param name="archived">Whether the cells are archived.</param>
    public static string AddCallCells(string condition, bool archived = false) =>
        $"INSERT INTO usage_rollups (account_id, bucket, is_archived, {Dimensions}, {Measures})\n{CallCells(condition, archived)}\n{AddCells}";

    /// <summary>Creates the tables.</summary>
    /// <param name="migration">The migration.</param>
    public static void CreateRollups(this MigrationBuilder migration) => migration.Sql(Tables);

    /// <summary>Drops the tables.</summary>
    /// <param name="migration">The migration.</param>
    public static void DropRollups(this MigrationBuilder migration) => migration.Sql(
        """
        DROP TABLE usage_rollups, meter_rollups, meter_uniques;
        UPDATE ledger_batches SET rolled_up_at = NULL WHERE rolled_up_at IS NOT NULL;
        """);
}
