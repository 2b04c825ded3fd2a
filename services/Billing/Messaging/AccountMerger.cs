using BotGeneric.Billing.Data;
using BotGeneric.Messaging;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Messaging;

/// <summary>
/// Moves payers and subscriptions. Each subscription is published anew, so that whoever follows it learns for whom it pays now. When both accounts had one,
/// both go on, and of what they grant the most generous holds, as for anybody with two.
/// </summary>
internal sealed class AccountMerger(IOutbox outbox, TimeProvider timeProvider) : IAccountMerger<BillingDbContext>
{
    public async Task MergeAsync(Guid absorbed, Guid kept, BillingDbContext db, CancellationToken cancellationToken)
    {
        foreach (var customer in await db.Customers.Where(customer => customer.AccountId == absorbed).ToListAsync(cancellationToken))
        {
            customer.MoveTo(kept, customer.IsLinked);
        }

        foreach (var subscription in await db.Subscriptions.Where(subscription => subscription.AccountId == absorbed).ToListAsync(cancellationToken))
        {
            subscription.MoveTo(kept, subscription.IsLinked);
            outbox.Add(db, subscription.ToEvent(Guid.CreateVersion7(timeProvider.GetUtcNow())), orderingKey: subscription.Id.ToString());
        }
    }
}
