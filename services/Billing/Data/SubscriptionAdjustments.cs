using BotGeneric.Billing.Domain;

namespace BotGeneric.Billing.Data;

/// <summary>Finds what was given or taken back of a subscription.</summary>
internal static class SubscriptionAdjustments
{
    /// <summary>Finds it by what it says itself or by the payment that it is of: the provider does not always name the subscription.</summary>
    /// <param name="db">Billing's database.</param>
    /// <param name="paddleId">The subscription, <c>sub_…</c>.</param>
    internal static IQueryable<Adjustment> AdjustmentsOf(this BillingDbContext db, string paddleId)
    {
        // Each side has an index; both in one condition would read the whole table.
        var payments = db.Transactions.Where(payment => payment.State.SubscriptionId == paddleId).Select(payment => payment.PaddleId);
        var ids = db.Adjustments.Where(adjustment => adjustment.State.SubscriptionId == paddleId).Select(adjustment => adjustment.PaddleId)
            .Union(db.Adjustments.Where(adjustment => payments.Contains(adjustment.State.TransactionId)).Select(adjustment => adjustment.PaddleId));
        return db.Adjustments.Where(adjustment => ids.Contains(adjustment.PaddleId));
    }
}
