using Microsoft.EntityFrameworkCore.Migrations;

namespace BotGeneric.Usage.Data;

/// <summary>What no model says about the ledger: partitions by month, what a duplicate is, and that it is append-only.</summary>
internal static class LedgerSql
{
    // Columns of a fixed width first, which saves the padding between them. Nobody sorts by a source or its id, so their bytes are compared.
    private const string Table =
        """
        ALTER TABLE ledger RENAME TO ledger_before;
        ALTER TABLE ledger_before DROP CONSTRAINT pk_ledger;
        DROP INDEX ix_ledger_account_id_source_source_id, ix_ledger_account_id_time_id;

        CREATE TABLE ledger (
            recorded_at timestamp with time zone NOT NULL,
            time timestamp with time zone NOT NULL,
            batch_id bigint NOT NULL,
            requests bigint NOT NULL,
            input_tokens bigint NOT NULL,
            cached_input_tokens bigint NOT NULL,
            cache_write_tokens bigint NOT NULL,
            output_tokens bigint NOT NULL,
            reasoning_tokens bigint NOT NULL,
            id uuid NOT NULL,
            account_id uuid NOT NULL,
            user_id uuid,
            hold_id uuid,
            price_id uuid,
            corrects_entry_id uuid,
            cost numeric(38,12),
            currency character(3),
            type character varying(100) NOT NULL,
            source character varying(300) COLLATE "C" NOT NULL,
            source_id character varying(200) COLLATE "C" NOT NULL,
            feature character varying(100) NOT NULL,
            channel character varying(100),
            provider character varying(100),
            model character varying(100),
            api_key_id character varying(100),
            reason character varying(500),
            data jsonb,
            CONSTRAINT pk_ledger PRIMARY KEY (id, recorded_at),
            CONSTRAINT ck_ledger_entry CHECK (
                (cost IS NULL) = (currency IS NULL) AND (corrects_entry_id IS NULL) = (reason IS NULL) AND (corrects_entry_id IS NOT NULL OR (requests IN (0, 1)
                AND input_tokens >= 0 AND cached_input_tokens >= 0 AND cache_write_tokens >= 0 AND output_tokens >= 0 AND reasoning_tokens >= 0 AND coalesce(cost, 0) >= 0)))
        ) PARTITION BY RANGE (recorded_at);

        CREATE INDEX ix_ledger_account_id_time_id ON ledger (account_id, time, id);
        CREATE INDEX ix_ledger_batch_id ON ledger (batch_id);
        CREATE INDEX ix_ledger_corrects_entry_id ON ledger (corrects_entry_id) WHERE corrects_entry_id IS NOT NULL;
        CREATE INDEX ix_ledger_user_id ON ledger (user_id) WHERE user_id <> account_id;
        """;

    // The rule of what a duplicate is stands in each partition, because a unique index over all would have to name recorded_at; the writer looks into the
    // partitions before. A table that is attached stops neither readers nor writers; one that is created as a partition would.
    private const string Partitions =
        """
        CREATE FUNCTION ledger_add_partition(first_day date) RETURNS boolean LANGUAGE plpgsql AS $$
        DECLARE
            starts date := date_trunc('month', first_day)::date;
            ends date := (date_trunc('month', first_day) + interval '1 month')::date;
            partition text := 'ledger_' || to_char(starts, 'YYYY_MM');
        BEGIN
            IF to_regclass(partition) IS NOT NULL THEN
                RETURN false;
            END IF;
            EXECUTE format('CREATE TABLE %I (LIKE ledger INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition);
            EXECUTE format('CREATE UNIQUE INDEX %I ON %I (account_id, source, source_id)', partition || '_event', partition);
            EXECUTE format('ALTER TABLE ledger ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', partition,
                starts::timestamp AT TIME ZONE 'UTC', ends::timestamp AT TIME ZONE 'UTC');
            RETURN true;
        END $$;

        -- The month that is written to. It only goes on, and only when nobody writes: see LedgerMonths.
        CREATE TABLE ledger_month (
            only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
            first_day date NOT NULL CHECK (extract(day FROM first_day) = 1)
        );
        """;

    private const string AppendOnly =
        """
        CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND current_setting('ledger.change', true) = 'merge'
                AND to_jsonb(NEW) - '{account_id,user_id,source}'::text[] = to_jsonb(OLD) - '{account_id,user_id,source}'::text[] THEN
                RETURN NEW;
            END IF;
            IF TG_OP = 'UPDATE' AND current_setting('ledger.change', true) = 'erasure'
                AND NEW.user_id IS NULL AND to_jsonb(NEW) - 'user_id' = to_jsonb(OLD) - 'user_id' THEN
                RETURN NEW;
            END IF;
            IF TG_OP = 'DELETE' AND current_setting('ledger.change', true) = 'erasure' THEN
                RETURN OLD;
            END IF;
            RAISE EXCEPTION 'The ledger is append-only: correct it with a new row.' USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
        """;

    private const string CarryOver =
        """
        SELECT ledger_add_partition(month::date) FROM (
            SELECT date_trunc('month', recorded_at AT TIME ZONE 'UTC') AS month FROM ledger_before
            UNION SELECT date_trunc('month', now() AT TIME ZONE 'UTC') + ahead * interval '1 month' FROM generate_series(0, 2) AS ahead) AS months;
        INSERT INTO ledger_month (first_day)
        SELECT date_trunc('month', greatest(now(), max(recorded_at)) AT TIME ZONE 'UTC')::date FROM ledger_before;
        WITH carried AS (
            INSERT INTO ledger_batches (recorded_at, entries)
            SELECT max(recorded_at), count(*) FROM ledger_before HAVING count(*) > 0
            RETURNING id)
        INSERT INTO ledger (recorded_at, time, batch_id, requests, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens,
                            id, account_id, type, source, source_id, feature, provider, model)
        SELECT recorded_at, time, carried.id, 1, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens,
               ledger_before.id, account_id, 'llm.call.v1', source, source_id, feature, provider, model
          FROM ledger_before, carried;
        DROP TABLE ledger_before;
        """;

    private const string Restore =
        """
        CREATE TABLE ledger_before (
            id uuid NOT NULL,
            account_id uuid NOT NULL,
            source character varying(300) NOT NULL,
            source_id character varying(200) NOT NULL,
            time timestamp with time zone NOT NULL,
            recorded_at timestamp with time zone NOT NULL,
            feature character varying(100) NOT NULL,
            provider character varying(100),
            model character varying(100),
            input_tokens bigint NOT NULL,
            cached_input_tokens bigint NOT NULL,
            cache_write_tokens bigint NOT NULL,
            output_tokens bigint NOT NULL,
            reasoning_tokens bigint NOT NULL
        );
        INSERT INTO ledger_before
        SELECT DISTINCT ON (account_id, source, source_id)
               id, account_id, source, source_id, time, recorded_at, feature, provider, model,
               input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens
          FROM ledger WHERE type = 'llm.call.v1' AND corrects_entry_id IS NULL;
        DROP TABLE ledger;
        DROP TABLE ledger_month;
        DROP FUNCTION ledger_refuse_change();
        DROP FUNCTION ledger_add_partition(date);
        ALTER TABLE ledger_before RENAME TO ledger;
        ALTER TABLE ledger ADD CONSTRAINT pk_ledger PRIMARY KEY (id);
        ALTER TABLE ledger ADD CONSTRAINT ck_ledger_tokens CHECK (
            input_tokens >= 0 AND cached_input_tokens >= 0 AND cache_write_tokens >= 0 AND output_tokens >= 0 AND reasoning_tokens >= 0);
        CREATE UNIQUE INDEX ix_ledger_account_id_source_source_id ON ledger (account_id, source, source_id);
        CREATE INDEX ix_ledger_account_id_time_id ON ledger (account_id, time, id);
        """;

    /// <summary>Makes the partitioned ledger of the plain one, with what is in it. The table of batches must be there.</summary>
    /// <param name="migration">The migration.</param>
    public static void PartitionLedger(this MigrationBuilder migration)
    {
        migration.Sql(Table);
        migration.Sql(Partitions);
        migration.Sql(AppendOnly);
        migration.Sql(CarryOver);
    }

    /// <summary>Makes the plain ledger of the partitioned one, as far as the plain one could hold it: calls of models without corrections.</summary>
    /// <param name="migration">The migration.</param>
    public static void RestorePlainLedger(this MigrationBuilder migration) => migration.Sql(Restore);
}
