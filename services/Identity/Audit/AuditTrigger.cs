using Microsoft.EntityFrameworkCore.Migrations;

namespace BotGeneric.Identity.Audit;

/// <summary>
/// What makes the audit log trustworthy, in the database, where no path of the service can go round it: each new row takes the next number and
/// the hash of the row before, one writer at a time, and no row is changed or deleted, except that the address and the browser may be forgotten.
/// </summary>
/// <remarks>
/// The number is taken under an advisory lock that ends with the transaction, so numbers have no gaps and the order of numbers is the order of commits.
/// The price: transactions that write an entry commit one after another. They are short, and rarer than password checks. Entries are the last that a save
/// writes (<see cref="AuditLast"/>), so that whoever holds the lock waits for nobody.
/// </remarks>
internal static class AuditTrigger
{
    // The class of the lock: "audi" in ASCII.
    private const string Create =
        """
        CREATE FUNCTION audit_entry_digest(entry audit_entries) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
            SELECT sha256(entry.previous_hash || convert_to(jsonb_build_array(
                entry.sequence, (extract(epoch FROM entry.at) * 1000000)::bigint, entry.action, entry.outcome, entry.actor_id, entry.impersonator_id,
                entry.user_id, entry.organization_id, entry.target, entry.details, entry.trace_id)::text, 'UTF8'))
        $$;

        CREATE FUNCTION audit_entries_chain() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            last audit_entries%ROWTYPE;
        BEGIN
            PERFORM pg_advisory_xact_lock(1635083369, 0);
            SELECT * INTO last FROM audit_entries ORDER BY sequence DESC LIMIT 1;
            NEW.sequence := coalesce(last.sequence, 0) + 1;
            NEW.previous_hash := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
            NEW.hash := audit_entry_digest(NEW);
            RETURN NEW;
        END
        $$;

        CREATE FUNCTION audit_entries_keep() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                IF NEW.ip_address IS NOT NULL AND NEW.ip_address IS DISTINCT FROM OLD.ip_address
                    OR NEW.user_agent IS NOT NULL AND NEW.user_agent IS DISTINCT FROM OLD.user_agent
                    OR (to_jsonb(NEW) - 'ip_address' - 'user_agent') IS DISTINCT FROM (to_jsonb(OLD) - 'ip_address' - 'user_agent') THEN
                    RAISE EXCEPTION 'The audit log is append-only: an address and a browser can be forgotten, nothing can be changed.';
                END IF;
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'The audit log is append-only: rows are never deleted.';
        END
        $$;

        CREATE TRIGGER audit_entries_chain BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION audit_entries_chain();
        CREATE TRIGGER audit_entries_keep BEFORE UPDATE OR DELETE ON audit_entries FOR EACH ROW EXECUTE FUNCTION audit_entries_keep();
        CREATE TRIGGER audit_entries_keep_all BEFORE TRUNCATE ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_keep();
        """;

    private const string Drop =
        """
        DROP TRIGGER IF EXISTS audit_entries_chain ON audit_entries;
        DROP TRIGGER IF EXISTS audit_entries_keep ON audit_entries;
        DROP TRIGGER IF EXISTS audit_entries_keep_all ON audit_entries;
        DROP FUNCTION IF EXISTS audit_entries_chain();
        DROP FUNCTION IF EXISTS audit_entries_keep();
        DROP FUNCTION IF EXISTS audit_entry_digest(audit_entries);
        """;

    public static void CreateAuditTrigger(this MigrationBuilder migration) => migration.Sql(Create);

    public static void DropAuditTrigger(this MigrationBuilder migration) => migration.Sql(Drop);
}
