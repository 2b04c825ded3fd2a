using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Mirror;
using BotGeneric.Messaging;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Messaging;

/// <summary>
/// Moves payers, subscriptions, payments and checkouts. Each subscription is published anew, so that whoever follows it learns for whom it pays now. When both
/// accounts had one, both go on, and of what they grant the most generous holds, as for anybody with two; the one that began first is the primary one.
/// </summary>
internal sealed class AccountMerger(Settlement settlement) : IAccountMerger<BillingDbContext>
{
    public async Task MergeAsync(Guid absorbed, Guid kept, BillingDbContext db, CancellationToken cancellationToken)
    {
        foreach (var customer in await db.Customers.Where(row => row.AccountId == absorbed).ToListAsync(cancellationToken))
        {
            customer.MoveTo(kept, customer.IsLinked);
        }

        await MoveCheckoutsAsync(absorbed, kept, db, cancellationToken);
        foreach (var payment in await db.Transactions.Where(row => row.AccountId == absorbed).ToListAsync(cancellationToken))
        {
            payment.MoveTo(kept);
        }

        foreach (var adjustment in await db.Adjustments.Where(row => row.AccountId == absorbed).ToListAsync(cancellationToken))
        {
            adjustment.MoveTo(kept);
        }

        foreach (var subscription in await db.Subscriptions.Where(row => row.AccountId == absorbed).ToListAsync(cancellationToken))
        {
            settlement.Watch(subscription);
            subscription.MoveTo(kept, subscription.IsLinked);
        }

        await settlement.SettleAsync(cancellationToken);
    }

    // An account has at most one checkout at a time for a product. One that is given up here can still be paid where it is open: then it counts.
    private static async Task MoveCheckoutsAsync(Guid absorbed, Guid kept, BillingDbContext db, CancellationToken cancellationToken)
    {
        var open = await db.Checkouts
            .Where(row => row.AccountId == kept && (row.Status == CheckoutStatus.Creating || row.Status == CheckoutStatus.Open))
            .Select(row => row.Product)
            .ToListAsync(cancellationToken);
        foreach (var checkout in await db.Checkouts.Where(row => row.AccountId == absorbed).ToListAsync(cancellationToken))
        {
            if (checkout.Status is CheckoutStatus.Creating or CheckoutStatus.Open && open.Contains(checkout.Product, StringComparer.Ordinal))
            {
                checkout.Abandon();
            }

            checkout.MoveTo(kept);
        }
    }
}
