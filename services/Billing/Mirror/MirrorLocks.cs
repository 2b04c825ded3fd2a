using BotGeneric.Billing.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace BotGeneric.Billing.Mirror;

/// <summary>
/// Takes the locks of payers and transactions for one unit of work. Who works for somebody who waits for the answer waits for the lock, however long; a worker of the inbox,
/// which has other events to apply, gives up soon.
/// </summary>
/// <param name="db">Billing's database, in a transaction.</param>
/// <param name="held">Which locks are held for long.</param>
public sealed class MirrorLocks(BillingDbContext db, HeldLocks held)
{
    // What one event of a payer takes, several times over: those of one purchase come together, and the second need not be put off for the first.
    private const string Patience = "500ms";

    /// <summary>Whether a lock that others hold for long is given up, with <see cref="LockHeldException"/>. The transaction has to be rolled back then.</summary>
    internal bool GivesUp { get; set; }

    /// <summary>Works at a transaction alone, until the database transaction ends.</summary>
    /// <param name="transactionId"><c>txn_…</c></param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="LockHeldException">Somebody else works at it for long.</exception>
    internal Task TransactionAsync(string transactionId, CancellationToken cancellationToken) =>
        GivesUp ? TakeAsync(BillingLocks.TransactionClass, transactionId, cancellationToken) : BillingLocks.TransactionAsync(db, transactionId, cancellationToken);

    /// <summary>Works at a payer alone, until the database transaction ends.</summary>
    /// <param name="customerId"><c>ctm_…</c></param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="LockHeldException">Somebody else works at it for long.</exception>
    internal Task PayerAsync(string customerId, CancellationToken cancellationToken) =>
        GivesUp ? TakeAsync(BillingLocks.PayerClass, customerId, cancellationToken) : BillingLocks.PayerAsync(db, customerId, cancellationToken);

    private async Task TakeAsync(int lockClass, string key, CancellationToken cancellationToken)
    {
        if (await TryAsync(lockClass, key, cancellationToken))
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
                $"SET LOCAL lock_timeout = '{Patience}'; SELECT pg_advisory_xact_lock(@class, hashtext(@key)); SET LOCAL lock_timeout TO DEFAULT",
                [new NpgsqlParameter("class", lockClass), new NpgsqlParameter("key", key)],
                cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new LockHeldException(held.Note(key));
        }
    }

    // A statement of its own, past the query pipeline: this is asked once or twice for every event.
    private async Task<bool> TryAsync(int lockClass, string key, CancellationToken cancellationToken)
    {
        await using var command = (NpgsqlCommand)db.Database.GetDbConnection().CreateCommand();
        command.Transaction = (NpgsqlTransaction?)db.Database.CurrentTransaction?.GetDbTransaction();
        command.CommandText = "SELECT pg_try_advisory_xact_lock($1, hashtext($2))";
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = lockClass });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }
}
