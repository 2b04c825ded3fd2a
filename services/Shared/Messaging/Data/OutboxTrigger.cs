namespace BotGeneric.Messaging.Data;

/// <summary>The SQL of the outbox that no model expresses.</summary>
internal static class OutboxTrigger
{
    /// <summary>The channel that is notified; channels are per database, so every service may use the same name.</summary>
    public const string Channel = "outbox";

    // Per statement, not per row: a COPY of 500 events is one wake-up. PostgreSQL itself merges equal notifications of one transaction.
    public const string Create =
        """
        CREATE OR REPLACE FUNCTION outbox_notify() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_notify('outbox', '');
            RETURN NULL;
        END $$;
        CREATE OR REPLACE TRIGGER outbox_notify AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION outbox_notify();
        ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
            autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
        """;

    public const string Drop =
        """
        DROP TRIGGER IF EXISTS outbox_notify ON outbox;
        DROP FUNCTION IF EXISTS outbox_notify();
        """;
}
