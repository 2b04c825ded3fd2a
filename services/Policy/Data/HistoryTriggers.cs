using Microsoft.EntityFrameworkCore.Migrations;

namespace BotGeneric.Policy.Data;

/// <summary>
/// Versions and the audit of changes are written once. The database refuses to change or delete them, so that no path of the service can; what was said of a
/// person may be forgotten with the person.
/// </summary>
internal static class HistoryTriggers
{
    private const string Create =
        """
        CREATE FUNCTION policy_history_keep() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'policy_audit' THEN
                IF (to_jsonb(NEW) - 'reason' - 'details') = (to_jsonb(OLD) - 'reason' - 'details')
                    AND to_jsonb(NEW)->>'reason' IS NULL AND to_jsonb(NEW)->>'details' IS NULL THEN
                    RETURN NEW;
                END IF;
            END IF;
            RAISE EXCEPTION 'The history of policies is append-only.';
        END
        $$;

        CREATE TRIGGER policy_versions_keep BEFORE UPDATE OR DELETE ON policy_versions FOR EACH ROW EXECUTE FUNCTION policy_history_keep();
        CREATE TRIGGER policy_versions_keep_all BEFORE TRUNCATE ON policy_versions FOR EACH STATEMENT EXECUTE FUNCTION policy_history_keep();
        CREATE TRIGGER policy_audit_keep BEFORE UPDATE OR DELETE ON policy_audit FOR EACH ROW EXECUTE FUNCTION policy_history_keep();
        CREATE TRIGGER policy_audit_keep_all BEFORE TRUNCATE ON policy_audit FOR EACH STATEMENT EXECUTE FUNCTION policy_history_keep();
        """;

    private const string Drop =
        """
        DROP TRIGGER IF EXISTS policy_versions_keep ON policy_versions;
        DROP TRIGGER IF EXISTS policy_versions_keep_all ON policy_versions;
        DROP TRIGGER IF EXISTS policy_audit_keep ON policy_audit;
        DROP TRIGGER IF EXISTS policy_audit_keep_all ON policy_audit;
        DROP FUNCTION IF EXISTS policy_history_keep();
        """;

    internal static void CreateHistoryTriggers(this MigrationBuilder migration) => migration.Sql(Create);

    internal static void DropHistoryTriggers(this MigrationBuilder migration) => migration.Sql(Drop);
}
