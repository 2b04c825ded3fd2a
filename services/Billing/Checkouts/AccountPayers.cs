using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Checkouts;

/// <summary>
/// Which of the payment provider's payers an account may use. One person may pay for several accounts, their own and organizations, and the provider shows a
/// payer everything that the payer ever bought: so a payer is an account's only where nothing of another account would be shown with it.
/// </summary>
/// <param name="db">Billing's database.</param>
public sealed class AccountPayers(BillingDbContext db)
{
    private const string Active = "active";

    /// <summary>The payer with whom an account buys. Without one, the buyer says at the checkout who pays.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>The provider's id; null when there is none.</returns>
    public async Task<string?> FindAsync(Guid accountId, CancellationToken cancellationToken) =>
        (await Of(accountId)
            .Where(customer => customer.Status == null || customer.Status == Active)
            .OrderByDescending(customer => customer.CreatedAt)
            .FirstOrDefaultAsync(cancellationToken))?.PaddleId;

    /// <summary>Every payer of an account that may be shown to it.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>The provider's ids, newest first.</returns>
    public Task<List<string>> ListAsync(Guid accountId, CancellationToken cancellationToken) =>
        Of(accountId).OrderByDescending(customer => customer.CreatedAt).Select(customer => customer.PaddleId).ToListAsync(cancellationToken);

    /// <summary>Whether an account may be shown everything of a payer.</summary>
    /// <param name="customerId">The provider's id.</param>
    /// <param name="accountId">The account.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public Task<bool> MayShowAsync(string customerId, Guid accountId, CancellationToken cancellationToken) =>
        Of(accountId).AnyAsync(customer => customer.PaddleId == customerId, cancellationToken);

    private IQueryable<Customer> Of(Guid accountId) =>
        db.Customers.AsNoTracking().Where(customer =>
            customer.AccountId == accountId && customer.IsLinked
            && !db.Subscriptions.Any(row => row.CustomerId == customer.PaddleId && row.AccountId != accountId)
            && !db.Transactions.Any(row => row.State.CustomerId == customer.PaddleId && row.AccountId != accountId));
}
