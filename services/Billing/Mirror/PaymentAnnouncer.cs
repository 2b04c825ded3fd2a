using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Messaging;
using BotGeneric.Messaging;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Mirror;

/// <summary>
/// Tells the others of payments, failed attempts and refunds, each once: as soon as it is known whose they are and, where they belong to a subscription,
/// which one that is.
/// </summary>
/// <param name="db">Billing's database.</param>
/// <param name="outbox">Tells the other services.</param>
/// <param name="currencies">Knows how many decimals amounts have.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class PaymentAnnouncer(BillingDbContext db, IOutbox outbox, Currencies currencies, TimeProvider timeProvider)
{
    internal async Task AnnounceAsync(
        IReadOnlyCollection<Transaction> payments, IReadOnlyCollection<Adjustment> adjustments, Subscription? subscription, CancellationToken cancellationToken)
    {
        var completed = payments.Where(payment => payment is { AccountId: not null, CompletedAt: not null, IsPaymentAnnounced: false }).ToList();
        var plans = await PlansOfAsync(completed, cancellationToken);
        foreach (var payment in completed)
        {
            var plan = payment.State.Items.Select(item => plans.GetValueOrDefault(item.PriceId)).FirstOrDefault(code => code is not null);
            outbox.Add(db, payment.ToCompleted(NewId(), subscription?.Id, plan, currencies.Table), orderingKey: payment.PaddleId);
            payment.AnnouncePayment();
        }

        foreach (var payment in payments.Where(payment => payment.AccountId is not null && payment.Failures.Any(failure => !failure.IsAnnounced)))
        {
            foreach (var failure in payment.Failures.Where(failure => !failure.IsAnnounced))
            {
                outbox.Add(db, payment.ToFailed(NewId(), failure, subscription?.Id, currencies.Table), orderingKey: payment.PaddleId);
            }

            payment.AnnounceFailures();
        }

        var known = payments.ToDictionary(payment => payment.PaddleId, StringComparer.Ordinal);
        var returns = AdjustmentReturns.Of(adjustments);
        foreach (var adjustment in adjustments)
        {
            if (known.GetValueOrDefault(adjustment.State.TransactionId) is not { AccountId: { } account } payment)
            {
                continue;
            }

            // What is given back was paid before, and is told after it.
            adjustment.MoveTo(account);
            // Of a state that this version does not know nothing follows: what was told stands.
            if (payment.IsPaymentAnnounced && adjustment.State is { IsReverse: false, Status: not AdjustmentStatus.Unknown })
            {
                AnnounceGiven(adjustment, returns.GetValueOrDefault(adjustment.PaddleId, AdjustmentReturn.Nothing), subscription);
            }
        }
    }

    // What comes back is told of what it was taken by, so that it is the same whether the provider has reversed that or has put a reverse beside it, and is told
    // once when it does both. Others add up what they are told; it follows what is known now, whatever of it came first.
    private void AnnounceGiven(Adjustment adjustment, AdjustmentReturn back, Subscription? subscription)
    {
        if (adjustment is { IsAnnounced: false, State.IsMoneyMoved: true })
        {
            outbox.Add(db, adjustment.ToRefunded(NewId(), subscription?.Id, currencies.Table), orderingKey: adjustment.State.TransactionId);
            adjustment.Announce();
        }

        if (adjustment.IsAnnounced && adjustment.AnnouncedReturn != back.Total)
        {
            outbox.Add(db, adjustment.ToReturned(NewId(), back, subscription?.Id, currencies.Table), orderingKey: adjustment.State.TransactionId);
            adjustment.AnnounceReturn(back.Total);
        }
    }

    // What was paid for says which plan it was: the subscription may have another one by the time its payment is told.
    private async Task<Dictionary<string, string>> PlansOfAsync(List<Transaction> payments, CancellationToken cancellationToken)
    {
        var prices = payments.SelectMany(payment => payment.State.Items).Select(item => item.PriceId).Distinct(StringComparer.Ordinal).ToList();
        return prices.Count == 0
            ? []
            : (await db.Prices.SoldAs(prices).ToListAsync(cancellationToken)).ByPaddleId()
                .ToDictionary(price => price.Key, price => price.Value.PlanCode, StringComparer.Ordinal);
    }

    private Guid NewId() => Guid.CreateVersion7(timeProvider.GetUtcNow());
}
