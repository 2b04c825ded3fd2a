using BotGeneric.Messaging.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Data;

/// <summary>Looking something up under the id of an account that may be part of another one now.</summary>
internal static class MergedAccounts
{
    /// <summary>
    /// The account that has what belongs to an account, for who reads. Nothing keeps a merge from following: who writes for an account asks
    /// <see cref="BotGeneric.Messaging.AccountAliases"/>.
    /// </summary>
    /// <param name="db">Billing's database.</param>
    /// <param name="account">The account.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>The account itself, unless it is part of another one.</returns>
    internal static async Task<Guid> KeptAccountAsync(this BillingDbContext db, Guid account, CancellationToken cancellationToken) =>
        await db.Set<MergedAccount>().AsNoTracking()
            .Where(row => row.AccountId == account)
            .Select(row => (Guid?)row.KeptAccountId)
            .SingleOrDefaultAsync(cancellationToken) ?? account;

    /// <summary>As <see cref="KeptAccountAsync"/>, as part of another query.</summary>
    /// <param name="db">Billing's database.</param>
    /// <param name="account">The account.</param>
    /// <returns>The account that it is part of; none when it is not part of another one.</returns>
    internal static IQueryable<Guid> KeptAccounts(this BillingDbContext db, Guid account) =>
        db.Set<MergedAccount>().Where(row => row.AccountId == account).Select(row => row.KeptAccountId);
}
