using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Mirror;

/// <summary>Says which plan is sold by the provider's prices. It follows from what was bought, never from what the buyer's browser says was bought.</summary>
/// <param name="db">Billing's database.</param>
public sealed class PlanLookup(BillingDbContext db)
{
    /// <summary>Looks for the plan.</summary>
    /// <param name="priceIds">The provider's prices, in its order: the plan first, add-ons after it.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>The plan of the first price that sells one; null when none does.</returns>
    public async Task<Plan?> FindAsync(IReadOnlyList<string> priceIds, CancellationToken cancellationToken)
    {
        var sold = await db.Prices.Where(price => priceIds.Contains(price.PaddleId!) || priceIds.Contains(price.PaddleIdWithoutTrial!))
            .Join(db.Plans, price => price.PlanCode, plan => plan.Code, (price, plan) => new { price.PaddleId, price.PaddleIdWithoutTrial, Plan = plan })
            .ToListAsync(cancellationToken);
        return priceIds
            .Select(id => sold.Find(row => row.PaddleId == id || row.PaddleIdWithoutTrial == id)?.Plan)
            .FirstOrDefault(found => found is not null);
    }
}
