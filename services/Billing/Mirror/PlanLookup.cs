using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Mirror;

/// <summary>Says which plan is sold by the provider's prices. It follows from what was bought, never from what the buyer's browser says was bought.</summary>
/// <param name="db">Billing's database.</param>
/// <param name="locks">Keeps plans from being given meanwhile.</param>
public sealed class PlanLookup(BillingDbContext db, MirrorLocks locks)
{
    /// <summary>Looks for the plan, in a transaction that writes down what it finds.</summary>
    /// <param name="priceIds">The provider's prices, in its order: the plan first, add-ons after it.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>The plan of the first price that sells one; null when none does.</returns>
    /// <exception cref="LockHeldException">None does yet, a plan has been about to be given for long, and this unit of work does not wait.</exception>
    public async Task<Plan?> FindAsync(IReadOnlyList<string> priceIds, CancellationToken cancellationToken)
    {
        var plan = await FindNowAsync(priceIds, cancellationToken);
        if (plan is not null || priceIds.Count == 0)
        {
            return plan;
        }

        // Once more, now that whoever has a price sell a plan waits for this transaction: who pays at it is found there, or the plan is found here.
        await locks.NoAdoptionAsync(cancellationToken);
        return await FindNowAsync(priceIds, cancellationToken);
    }

    /// <summary>As <see cref="FindAsync"/>, as things stand: a plan that is about to sell one of the prices may be missed.</summary>
    /// <param name="priceIds">The provider's prices, in its order.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>The plan of the first price that sells one; null when none does.</returns>
    internal async Task<Plan?> FindNowAsync(IReadOnlyList<string> priceIds, CancellationToken cancellationToken)
    {
        var sold = await db.Prices.Where(price => priceIds.Contains(price.PaddleId!) || priceIds.Contains(price.PaddleIdWithoutTrial!))
            .Join(db.Plans, price => price.PlanCode, plan => plan.Code, (price, plan) => new { price.PaddleId, price.PaddleIdWithoutTrial, Plan = plan })
            .ToListAsync(cancellationToken);
        return priceIds
            .Select(id => sold.Find(row => row.PaddleId == id || row.PaddleIdWithoutTrial == id)?.Plan)
            .FirstOrDefault(found => found is not null);
    }
}
