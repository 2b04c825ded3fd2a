using BotGeneric.Billing.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Mirror;

/// <summary>
/// Advisory locks that end with the transaction. Whoever changes something of a payer holds the payer's lock, so that what follows from all that is known of
/// the payer is worked out by one at a time; whoever finds out that a payer is a person shares the person's, which an erasure holds alone; whoever decides which of
/// an account's subscriptions is the primary one holds the account's. Always in this order: transaction, payer, adoption, person, merged accounts, account.
/// </summary>
internal static class BillingLocks
{
    // The classes of the locks: "tran", "paye", "plan", "pers" and "acco" in ASCII.
    internal const int TransactionClass = 0x7472_616e;
    internal const int PayerClass = 0x7061_7965;
    internal const int PlanClass = 0x706c_616e;
    private const int PersonClass = 0x7065_7273;
    private const int AccountClass = 0x6163_636f;

    internal static Task TransactionAsync(BillingDbContext db, string transactionId, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({TransactionClass}, hashtext({transactionId}))", cancellationToken);

    internal static Task PayerAsync(BillingDbContext db, string customerId, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({PayerClass}, hashtext({customerId}))", cancellationToken);

    /// <summary>As <see cref="PayerAsync"/>, without waiting.</summary>
    /// <returns>Whether the lock was free.</returns>
    internal static Task<bool> TryPayerAsync(BillingDbContext db, string customerId, CancellationToken cancellationToken) => db.Database
        .SqlQuery<bool>($"SELECT pg_try_advisory_xact_lock({PayerClass}, hashtext({customerId})) AS \"Value\"")
        .SingleAsync(cancellationToken);

    /// <summary>Of somebody who is erased, alone.</summary>
    internal static Task PersonAsync(BillingDbContext db, Guid person, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({PersonClass}, hashtext({person.ToString()}))", cancellationToken);

    /// <summary>Of those who may have been erased, together with others who ask the same.</summary>
    internal static async Task PeopleAsync(BillingDbContext db, IEnumerable<Guid> people, CancellationToken cancellationToken)
    {
        var keys = people.Select(person => person.ToString()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        await db.Database.ExecuteSqlAsync(
            $"SELECT pg_advisory_xact_lock_shared({PersonClass}, hash) FROM (SELECT DISTINCT hashtext(key) AS hash FROM unnest({keys}) AS key ORDER BY 1) AS hashes",
            cancellationToken);
    }

    /// <summary>
    /// Of who gives a plan to those who have paid at a price that it has come to sell: alone, and before anything else, also before the plan is read or written. Whoever
    /// has waited finds the plan as it is then, and nobody who waits holds rows of it.
    /// </summary>
    internal static Task AdoptionAsync(BillingDbContext db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({PlanClass}, 0)", cancellationToken);

    /// <summary>Of who has found no plan for a price: after it there is one, or whoever makes one waits for the end of this transaction and finds what was paid.</summary>
    internal static Task NoAdoptionAsync(BillingDbContext db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock_shared({PlanClass}, 0)", cancellationToken);

    internal static async Task AccountsAsync(BillingDbContext db, IEnumerable<Guid> accounts, CancellationToken cancellationToken)
    {
        // In order, as everybody takes them, so that nobody waits in a circle.
        var keys = accounts.Select(account => account.ToString()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        await db.Database.ExecuteSqlAsync(
            $"SELECT pg_advisory_xact_lock({AccountClass}, hash) FROM (SELECT DISTINCT hashtext(key) AS hash FROM unnest({keys}) AS key ORDER BY 1) AS hashes", cancellationToken);
    }
}
