using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Mirror;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Subscriptions;

/// <summary>Ends the access of one subscription.</summary>
/// <param name="db">Billing's database.</param>
/// <param name="settlement">Works out what follows, and tells the others.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class AccessEnd(BillingDbContext db, Settlement settlement, TimeProvider timeProvider)
{
    /// <summary>Those whose access is over by the clock.</summary>
    /// <param name="db">Billing's database.</param>
    /// <param name="now">Now, UTC.</param>
    internal static IQueryable<Subscription> Due(BillingDbContext db, DateTimeOffset now) => db.Subscriptions.Where(row =>
        row.GrantsAccess
        && ((row.GraceEndsAt != null && row.GraceEndsAt <= now)
            || (row.Source == SubscriptionSource.Comped && row.State.PeriodEnd != null && row.State.PeriodEnd <= now)));

    /// <summary>Ends it, and commits.</summary>
    /// <param name="id">Which.</param>
    /// <param name="cancellationToken">Cancels; nothing is then committed.</param>
    /// <returns>Whether it was ended; false when somebody else works at its payer, or has ended it.</returns>
    /// <exception cref="InvalidOperationException">It grants access although its time is over.</exception>
    internal async Task<bool> EndAsync(Guid id, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var payer = await db.Subscriptions.Where(row => row.Id == id).Select(row => row.CustomerId).SingleOrDefaultAsync(cancellationToken);

        // Whoever holds the payer works it out, now or in a moment: it need not be waited for.
        if (!await BillingLocks.TryPayerAsync(db, payer ?? id.ToString(), cancellationToken)
            || await Due(db, now).SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } subscription)
        {
            return false;
        }

        settlement.Watch(subscription);
        if (subscription.HasEnded(now))
        {
            subscription.End(now);
        }

        await settlement.SettleAsync(cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);

        // It would be the first one again at once, and nothing else would ever be done.
        return subscription.GrantsAccess && (subscription.GraceEndsAt <= now || subscription.HasEnded(now))
            ? throw new InvalidOperationException("It grants access although its time is over.")
            : true;
    }
}
