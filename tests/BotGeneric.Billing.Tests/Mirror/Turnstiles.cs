using System.Globalization;
using BotGeneric.Testing;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>A moment at which the database can keep Billing waiting.</summary>
internal enum Turnstile
{
    /// <summary>Before a delivery is inserted.</summary>
    InboxInsert = 1,

    /// <summary>When it is inserted and its transaction commits.</summary>
    InboxCommit,

    /// <summary>Before the first event of a transaction is put into the outbox.</summary>
    OutboxInsert,

    /// <summary>When everything is written, events included, and the transaction commits.</summary>
    OutboxCommit,

    /// <summary>Before what the broker has confirmed is taken out of the outbox.</summary>
    OutboxDelete,
}

/// <summary>
/// Triggers of the test in Billing's database. Each asks for an advisory lock that nobody has, unless the test holds it: then a process stops there, exactly, and Billing knows nothing of it.
/// </summary>
internal sealed class Turnstiles(TestDatabase database)
{
    // "test" in ASCII: no class that Billing uses.
    private const int LockClass = 0x7465_7374;

    private const string Install =
        """
        CREATE FUNCTION test_turnstile() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_advisory_xact_lock_shared(TG_ARGV[0]::int, TG_ARGV[1]::int);
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER test_1 BEFORE INSERT ON paddle_inbox FOR EACH ROW EXECUTE FUNCTION test_turnstile({0}, 1);
        CREATE CONSTRAINT TRIGGER test_2 AFTER INSERT ON paddle_inbox DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION test_turnstile({0}, 2);
        CREATE TRIGGER test_3 BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION test_turnstile({0}, 3);
        CREATE CONSTRAINT TRIGGER test_4 AFTER INSERT ON outbox DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION test_turnstile({0}, 4);
        CREATE TRIGGER test_5 BEFORE DELETE ON outbox FOR EACH ROW EXECUTE FUNCTION test_turnstile({0}, 5);
        """;

    /// <summary>Puts the triggers in place, once the tables are there.</summary>
    public async Task InstallAsync()
    {
        await using var connection = await DatabaseHold.ConnectAsync(database);
        await DatabaseHold.ExecuteAsync(connection, string.Format(CultureInfo.InvariantCulture, Install, LockClass));
    }

    /// <summary>Stops whoever comes to a turnstile from now on.</summary>
    public Task<DatabaseHold> CloseAsync(Turnstile turnstile) => DatabaseHold.TakeAsync(
        database, $"l.locktype = 'advisory' AND l.classid = {LockClass} AND l.objid = {(int)turnstile}", $"SELECT pg_advisory_lock({LockClass}, {(int)turnstile})");

    /// <summary>Stops whoever comes to a table from now on.</summary>
    /// <param name="table">The table.</param>
    /// <param name="mode">Whom it stops: <c>EXCLUSIVE</c> all but those who only read, <c>ACCESS EXCLUSIVE</c> everybody.</param>
    /// <param name="behind">
    /// What keeps whoever has the table now. It is let go once the lock stands in the queue, where nobody overtakes it: the next one who comes is stopped, however quick.
    /// </param>
    public Task<DatabaseHold> LockAsync(string table, string mode, DatabaseHold? behind = null) => DatabaseHold.TakeAsync(
        database, $"l.locktype = 'relation' AND l.relation = '{table}'::regclass", $"BEGIN; LOCK TABLE {table} IN {mode} MODE", behind);
}
