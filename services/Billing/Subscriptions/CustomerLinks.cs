using BotGeneric.Billing.Api;
using BotGeneric.Billing.Auditing;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Mirror;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Subscriptions;

/// <summary>Lets admins say whose a payer is.</summary>
/// <param name="db">Billing's database.</param>
/// <param name="payers">Moves what is the payer's.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class CustomerLinks(BillingDbContext db, Payers payers, TimeProvider timeProvider)
{
    /// <summary>Links.</summary>
    /// <param name="customerId"><c>ctm_…</c></param>
    /// <param name="accountId">The account.</param>
    /// <param name="actor">Who says so.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The payer as it is now; null when nothing was heard of it.</returns>
    internal async Task<LinkedCustomer?> LinkAsync(string customerId, Guid accountId, string actor, string reason, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var before = await db.Customers.AsNoTracking().Where(row => row.PaddleId == customerId).Select(row => row.AccountId).SingleOrDefaultAsync(cancellationToken);
        if (await payers.LinkAsync(customerId, accountId, cancellationToken) is not { } customer)
        {
            return null;
        }

        db.Audit(
            timeProvider.GetUtcNow(), actor, BillingActions.CustomerLinked, customerId, customer.AccountId, reason,
            new { FromAccountId = before, ToAccountId = customer.AccountId });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        var subscriptions = await db.Subscriptions.AsNoTracking().Where(row => row.CustomerId == customerId).OrderBy(row => row.Id).ToListAsync(cancellationToken);
        return new LinkedCustomer(AdminCustomer.From(customer), [.. subscriptions.Select(AdminSubscription.From)]);
    }
}
