using BotGeneric.Billing.Auditing;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Mirror;
using BotGeneric.Messaging;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Subscriptions;

/// <summary>What became of giving or ending.</summary>
public enum GrantOutcome
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>There is no such plan or subscription.</summary>
    NotFound,

    /// <summary>The account has this plan as a gift already.</summary>
    AlreadyGiven,

    /// <summary>It is paid at Paddle, where it has to be ended.</summary>
    NotAGift,

    /// <summary>The account was a person's who was erased.</summary>
    Erased,
}

/// <summary>Gives plans for which nothing is paid, and ends them.</summary>
/// <param name="db">Billing's database.</param>
/// <param name="settlement">Works out what follows, and tells it.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class SubscriptionGrants(BillingDbContext db, Settlement settlement, TimeProvider timeProvider)
{
    /// <summary>Gives a plan.</summary>
    /// <param name="accountId">To whom.</param>
    /// <param name="planCode">What.</param>
    /// <param name="endsAt">Until when, UTC; null: until an admin ends it.</param>
    /// <param name="actor">Who gives it.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What became of it, the gift, and whether anything was heard of the account before.</returns>
    internal async Task<(GrantOutcome Outcome, Subscription? Subscription, bool IsAccountKnown)> GiveAsync(
        Guid accountId, string planCode, DateTimeOffset? endsAt, string actor, string reason, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var account = (await AccountAliases.ResolveAsync(db, [accountId], cancellationToken)).Of(accountId);
        await BillingLocks.AccountsAsync(db, [account], cancellationToken);
        if (await db.Plans.SingleOrDefaultAsync(plan => plan.Code == planCode, cancellationToken) is not { } given)
        {
            return (GrantOutcome.NotFound, null, false);
        }

        if (await db.ErasedPeople.AnyAsync(erased => erased.PersonId == account || erased.PersonId == accountId, cancellationToken))
        {
            return (GrantOutcome.Erased, null, true);
        }

        // Two clicks, two admins: under the lock of the account the second one finds the first one's.
        var present = await db.Subscriptions.AsNoTracking().FirstOrDefaultAsync(
            row => row.AccountId == account && row.PlanCode == planCode && row.Source == SubscriptionSource.Comped
                && row.State.Status != SubscriptionStatus.Canceled && (row.State.PeriodEnd == null || row.State.PeriodEnd > now),
            cancellationToken);
        if (present is not null)
        {
            return (GrantOutcome.AlreadyGiven, present, true);
        }

        var isKnown = account != accountId || await IsKnownAsync(account, cancellationToken);

        var subscription = Subscription.Comp(Guid.CreateVersion7(now), account, given, endsAt, now);
        db.Subscriptions.Add(subscription);
        settlement.WatchNew(subscription);
        db.Audit(now, actor, BillingActions.SubscriptionComped, subscription.Id.ToString(), account, reason, new { PlanCode = planCode, EndsAt = endsAt });
        await SaveAsync(transaction, cancellationToken);
        return (GrantOutcome.Done, subscription, isKnown);
    }

    // All that billing ever learns of an account. Who has registered and has never bought anything is not known here.
    private async Task<bool> IsKnownAsync(Guid account, CancellationToken cancellationToken) =>
        await db.Subscriptions.AnyAsync(row => row.AccountId == account, cancellationToken)
        || await db.Checkouts.AnyAsync(row => row.AccountId == account, cancellationToken)
        || await db.Customers.AnyAsync(row => row.AccountId == account, cancellationToken);

    /// <summary>Ends a gift at once. Safe to repeat.</summary>
    /// <param name="id">Our id of the subscription.</param>
    /// <param name="actor">Who ends it.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal async Task<GrantOutcome> EndAsync(Guid id, string actor, string reason, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.Subscriptions.SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } subscription)
        {
            return GrantOutcome.NotFound;
        }

        if (subscription.Source != SubscriptionSource.Comped)
        {
            return GrantOutcome.NotAGift;
        }

        settlement.Watch(subscription);
        if (subscription.End(now))
        {
            db.Audit(now, actor, BillingActions.GiftEnded, id.ToString(), subscription.AccountId, reason);
            await SaveAsync(transaction, cancellationToken);
        }

        return GrantOutcome.Done;
    }

    private async Task SaveAsync(Microsoft.EntityFrameworkCore.Storage.IDbContextTransaction transaction, CancellationToken cancellationToken)
    {
        await settlement.SettleAsync(cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
