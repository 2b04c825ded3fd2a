using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Checkouts;

/// <summary>
/// Says whether an account has used up its trial of a product: it has once it had any subscription to the product at the payment provider, in a trial or paid, whatever became
/// of it. What was given does not count. A person and each of the person's organizations are accounts of their own; what an account brought along when it became
/// part of another one counts there.
/// </summary>
/// <param name="db">Billing's database.</param>
public sealed class TrialUse(BillingDbContext db)
{
    /// <summary>Whether an account has used up its trial of a product.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="product">The product.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public Task<bool> IsUsedAsync(Guid accountId, string product, CancellationToken cancellationToken) =>
        Of(accountId).AnyAsync(row => row.Product == product, cancellationToken);

    /// <summary>Of which products an account has used up its trial.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public async Task<IReadOnlySet<string>> ProductsAsync(Guid accountId, CancellationToken cancellationToken) =>
        (await Of(accountId).Select(row => row.Product).Distinct().ToListAsync(cancellationToken)).ToHashSet(StringComparer.Ordinal);

    // Paddle has a subscription from the moment on when somebody has paid or has begun a trial, and none before.
    private IQueryable<Subscription> Of(Guid accountId) =>
        db.Subscriptions.AsNoTracking().Where(row => row.AccountId == accountId && row.Source == SubscriptionSource.Paddle);
}
