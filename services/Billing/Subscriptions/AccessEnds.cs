using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Mirror;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Subscriptions;

/// <summary>
/// Ends access when the clock alone says so: the grace of a missing payment is over, or something was given until now. Safe on several replicas: each
/// subscription is ended by one of them, and working it out again changes nothing.
/// </summary>
/// <param name="db">Billing's database.</param>
/// <param name="settlement">Works out what follows, and tells the others.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class AccessEnds(BillingDbContext db, Settlement settlement, TimeProvider timeProvider)
{
    /// <summary>Ends the access of the subscription for which that was due first, and commits.</summary>
    /// <param name="cancellationToken">Cancels; nothing is then committed.</param>
    /// <returns>Whether something was due.</returns>
    public async Task<bool> EndNextAsync(CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var due = await Due(now)
            .OrderBy(row => row.GraceEndsAt ?? row.State.PeriodEnd)
            .Select(row => new { row.Id, row.CustomerId })
            .Take(Candidates)
            .ToListAsync(cancellationToken);
        foreach (var candidate in due)
        {
            // Whoever holds the payer works it out, now or in a moment: it need not be waited for.
            if (await BillingLocks.TryPayerAsync(db, candidate.CustomerId ?? candidate.Id.ToString(), cancellationToken)
                && await Due(now).SingleOrDefaultAsync(row => row.Id == candidate.Id, cancellationToken) is { } subscription)
            {
                settlement.Watch(subscription);
                if (subscription.HasEnded(now))
                {
                    subscription.End(now);
                }

                await settlement.SettleAsync(cancellationToken);
                await db.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return true;
            }
        }

        return false;
    }

    /// <summary>When access ends next.</summary>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>The moment, UTC; null when none is known.</returns>
    public async Task<DateTimeOffset?> NextAsync(CancellationToken cancellationToken)
    {
        var grace = await Graces().MinAsync(row => row.GraceEndsAt, cancellationToken);
        var gift = await Gifts().MinAsync(row => row.State.PeriodEnd, cancellationToken);
        return (grace, gift) switch
        {
            ({ } one, { } other) => one < other ? one : other,
            _ => grace ?? gift,
        };
    }

    // As many as replicas that could hold one each.
    private const int Candidates = 10;

    private IQueryable<Subscription> Due(DateTimeOffset now) => db.Subscriptions.Where(row =>
        row.GrantsAccess
        && ((row.GraceEndsAt != null && row.GraceEndsAt <= now)
            || (row.Source == SubscriptionSource.Comped && row.State.PeriodEnd != null && row.State.PeriodEnd <= now)));

    private IQueryable<Subscription> Graces() => db.Subscriptions.Where(row => row.GrantsAccess && row.GraceEndsAt != null);

    private IQueryable<Subscription> Gifts() =>
        db.Subscriptions.Where(row => row.Source == SubscriptionSource.Comped && row.GrantsAccess && row.State.PeriodEnd != null);
}
