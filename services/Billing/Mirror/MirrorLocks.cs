using BotGeneric.Billing.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace BotGeneric.Billing.Mirror;

/// <summary>
/// Takes the locks of payers, transactions and plans for one unit of work. Who works for somebody who waits for the answer waits for the lock, however long; a worker of the inbox,
/// which has other events to apply, gives up soon.
/// </summary>
/// <param name="db">Billing's database, in a transaction.</param>
/// <param name="held">Which locks are held for long.</param>
public sealed class MirrorLocks(BillingDbContext db, HeldLocks held)
{
    // What one event of a payer takes, several times over: those of one purchase come together, and the second need not be put off for the first.
    private const string Patience = "500ms";

    private const string Try = "SELECT pg_try_advisory_xact_lock($1, hashtext($2))";
    private const string TryShared = "SELECT pg_try_advisory_xact_lock_shared($1, $2::integer)";
    private const string Wait = $"SET LOCAL lock_timeout = '{Patience}'; SELECT pg_advisory_xact_lock(@class, hashtext(@key)); SET LOCAL lock_timeout TO DEFAULT";
    private const string WaitShared = $"SET LOCAL lock_timeout = '{Patience}'; SELECT pg_advisory_xact_lock_shared(@class, @key::integer); SET LOCAL lock_timeout TO DEFAULT";

    // There is one for all plans. No payer and no transaction is called so.
    private const string AdoptionKey = "0";

    /// <summary>Whether a lock that others hold for long is given up, with <see cref="LockHeldException"/>. The transaction has to be rolled back then.</summary>
    internal bool GivesUp { get; set; }

    /// <summary>Works at a transaction alone, until the database transaction ends.</summary>
    /// <param name="transactionId"><c>txn_…</c></param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="LockHeldException">Somebody else works at it for long.</exception>
    internal Task TransactionAsync(string transactionId, CancellationToken cancellationToken) =>
        GivesUp ? TakeAsync(BillingLocks.TransactionClass, transactionId, isShared: false, cancellationToken) : BillingLocks.TransactionAsync(db, transactionId, cancellationToken);

    /// <summary>Works at a payer alone, until the database transaction ends.</summary>
    /// <param name="customerId"><c>ctm_…</c></param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="LockHeldException">Somebody else works at it for long.</exception>
    internal Task PayerAsync(string customerId, CancellationToken cancellationToken) =>
        GivesUp ? TakeAsync(BillingLocks.PayerClass, customerId, isShared: false, cancellationToken) : BillingLocks.PayerAsync(db, customerId, cancellationToken);

    /// <summary>Keeps plans from being given to those who have paid already, until the database transaction ends, together with others who do the same.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="LockHeldException">Somebody gives a plan, and for long.</exception>
    internal Task NoAdoptionAsync(CancellationToken cancellationToken) =>
        GivesUp ? TakeAsync(BillingLocks.PlanClass, AdoptionKey, isShared: true, cancellationToken) : BillingLocks.NoAdoptionAsync(db, cancellationToken);

    private async Task TakeAsync(int lockClass, string key, bool isShared, CancellationToken cancellationToken)
    {
        if (await TryAsync(isShared ? TryShared : Try, lockClass, key, cancellationToken))
        {
            held.Forget(key);
            return;
        }

        // Who has just waited for it in vain knows: the next event of the payer would do the same, and with it every worker.
        if (held.Knows(key))
        {
            throw new LockHeldException(held.Note(key));
        }

        try
        {
            await db.Database.ExecuteSqlRawAsync(
                isShared ? WaitShared : Wait,
                [new NpgsqlParameter("class", lockClass), new NpgsqlParameter("key", key)],
                cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new LockHeldException(held.Note(key));
        }
    }

    // A constant of this class, as a statement of its own, past the query pipeline: this is asked once or twice for every event.
    private async Task<bool> TryAsync(string sql, int lockClass, string key, CancellationToken cancellationToken)
    {
        await using var command = (NpgsqlCommand)db.Database.GetDbConnection().CreateCommand();
        command.Transaction = (NpgsqlTransaction?)db.Database.CurrentTransaction?.GetDbTransaction();
        command.CommandText = sql;
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = lockClass });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }
}
