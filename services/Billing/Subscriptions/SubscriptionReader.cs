using BotGeneric.Billing.Api;
using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Subscriptions;

/// <summary>Reads a subscription with what is known around it.</summary>
/// <param name="db">Billing's database.</param>
/// <param name="currencies">Knows how many decimals amounts have.</param>
public sealed class SubscriptionReader(BillingDbContext db, Currencies currencies)
{
    private const int Shown = 50;

    /// <summary>Reads one.</summary>
    /// <param name="id">Our id.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    /// <returns>The subscription; null when there is none.</returns>
    internal async Task<AdminSubscriptionDetail?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        if (await db.Subscriptions.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } subscription)
        {
            return null;
        }

        var table = currencies.Table;
        var transactions = await TransactionsAsync(subscription, cancellationToken);
        var adjustments = await AdjustmentsAsync(subscription, cancellationToken);
        var customer = await db.Customers.AsNoTracking().SingleOrDefaultAsync(row => row.PaddleId == subscription.CustomerId, cancellationToken);
        var others = await db.Subscriptions.AsNoTracking()
            .Where(other => other.AccountId == subscription.AccountId && other.Id != id && other.State.Status != SubscriptionStatus.Canceled)
            .OrderBy(other => other.Id)
            .Take(Shown)
            .ToListAsync(cancellationToken);
        return new AdminSubscriptionDetail(
            AdminSubscription.From(subscription),
            [.. subscription.State.Items.Select(item => AdminItem.From(item, table))],
            customer is null ? null : AdminCustomer.From(customer),
            [.. transactions.Select(transaction => AdminTransaction.From(transaction, table))],
            [.. adjustments.Select(adjustment => AdminAdjustment.From(adjustment, table))],
            await CheckoutAsync(subscription, cancellationToken),
            [.. others.Select(AdminSubscription.From)]);
    }

    private async Task<List<Transaction>> TransactionsAsync(Subscription subscription, CancellationToken cancellationToken) =>
        subscription.PaddleId is null
            ? []
            : await db.Transactions.AsNoTracking()
                .Where(transaction => transaction.State.SubscriptionId == subscription.PaddleId)
                .OrderByDescending(transaction => transaction.State.CreatedAt)
                .Take(Shown)
                .ToListAsync(cancellationToken);

    private async Task<List<Adjustment>> AdjustmentsAsync(Subscription subscription, CancellationToken cancellationToken) =>
        subscription.PaddleId is null
            ? []
            : await db.AdjustmentsOf(subscription.PaddleId).AsNoTracking()
                .OrderByDescending(adjustment => adjustment.State.CreatedAt)
                .Take(Shown)
                .ToListAsync(cancellationToken);

    private async Task<AdminCheckout?> CheckoutAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        if (subscription.PaddleId is null)
        {
            return null;
        }

        var checkout = await db.Checkouts.AsNoTracking()
            .Where(row => db.Transactions.Any(transaction =>
                transaction.PaddleId == row.TransactionId && transaction.State.SubscriptionId == subscription.PaddleId))
            .OrderBy(row => row.CreatedAt)
            .FirstOrDefaultAsync(cancellationToken);
        return checkout is null ? null : AdminCheckout.From(checkout);
    }
}
