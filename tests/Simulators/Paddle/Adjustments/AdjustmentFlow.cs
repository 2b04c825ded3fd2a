using BotGeneric.Simulators.Paddle.Customers;
using BotGeneric.Simulators.Paddle.Money;
using BotGeneric.Simulators.Paddle.Notifications;
using BotGeneric.Simulators.Paddle.State;
using BotGeneric.Simulators.Paddle.Transactions;
using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.Paddle.Adjustments;

/// <summary>Sends money back. Guarded by the world's lock.</summary>
/// <param name="world">Keeps adjustments.</param>
/// <param name="events">Tells of them.</param>
/// <param name="options">How long a refund waits.</param>
internal sealed class AdjustmentFlow(PaddleWorld world, EventLog events, IOptions<PaddleSimulatorOptions> options)
{
    // The other actions add to what was taken, or only warn.
    private static readonly string[] Returning = ["refund", "credit", "chargeback"];

    /// <summary>What has been sent back for a line, or will be.</summary>
    public long Returned(string transactionId, string itemId) => world.Adjustments.All
        .Where(adjustment => adjustment.TransactionId == transactionId && adjustment.Status is not (Statuses.Rejected or Statuses.Reversed)
            && Returning.Contains(adjustment.Action, StringComparer.Ordinal))
        .SelectMany(adjustment => adjustment.Items)
        .Where(item => item.ItemId == itemId)
        .Sum(item => Pricing.Parse(item.Amount));

    public bool HasPendingRefund(Func<Adjustment, bool> of) => world.Adjustments.All.Any(adjustment => adjustment.Status == Statuses.PendingApproval && of(adjustment));

    /// <summary>Makes an adjustment and tells of it.</summary>
    /// <param name="transaction">What it corrects.</param>
    /// <param name="action">What it is.</param>
    /// <param name="type"><c>full</c> or <c>partial</c>.</param>
    /// <param name="reason">Why.</param>
    /// <param name="amounts">How much for which line; null for all that is left of everything.</param>
    public Adjustment Create(Transaction transaction, string action, string type, string reason, IReadOnlyDictionary<string, long>? amounts)
    {
        var now = world.Clock.Stamp();
        var isRefund = action == "refund";
        var items = transaction.Details.LineItems
            .Select(line => (line, Amount: amounts is null
                ? Pricing.Parse(line.Totals.Total) - (action == "chargeback_reverse" ? 0 : Returned(transaction.Id, line.Id))
                : amounts.GetValueOrDefault(line.Id)))
            .Where(pair => pair.Amount != 0)
            .Select(pair => Item(pair.line, pair.Amount, amounts is null ? "full" : "partial", proration: null))
            .ToArray();
        return Add(new Adjustment
        {
            Id = world.Ids.New("adj"),
            Action = action,
            Type = type,
            TransactionId = transaction.Id,
            SubscriptionId = transaction.SubscriptionId,
            CustomerId = transaction.CustomerId!,
            Reason = reason,
            CurrencyCode = transaction.CurrencyCode,
            Status = isRefund ? Statuses.PendingApproval : Statuses.Approved,
            Items = items,
            Totals = Sum(transaction, items),
            PayoutTotals = Sum(transaction, items),
            TaxRatesUsed = RatesOf(transaction, items),
            CreatedAt = now,
            UpdatedAt = now,
            DecidedAt = isRefund ? now + options.Value.RefundApproval : null,
        });
    }

    /// <summary>Credits the customer for the unused part of a period. Later bills are lower by it.</summary>
    public void Credit(Transaction transaction, Customer customer, long amount, ProrationPart? proration)
    {
        var now = world.Clock.Stamp();
        var line = transaction.Details.LineItems.MaxBy(candidate => Pricing.Parse(candidate.Totals.Total));
        if (line is not null)
        {
            AdjustmentItem[] items = [Item(line, amount, "proration", proration)];
            Add(new Adjustment
            {
                Id = world.Ids.New("adj"),
                Action = "credit",
                Type = "partial",
                TransactionId = transaction.Id,
                SubscriptionId = transaction.SubscriptionId,
                CustomerId = customer.Id,
                Reason = "subscription_update",
                CreditAppliedToBalance = true,
                CurrencyCode = transaction.CurrencyCode,
                Status = Statuses.Approved,
                Items = items,
                Totals = Sum(transaction, items),
                PayoutTotals = Sum(transaction, items),
                TaxRatesUsed = RatesOf(transaction, items),
                CreatedAt = now,
                UpdatedAt = now,
            });
        }

        customer.Credit[transaction.CurrencyCode] = customer.Credit.GetValueOrDefault(transaction.CurrencyCode) + amount;
    }

    /// <summary>Paddle's decision about a refund.</summary>
    public void Decide(Adjustment adjustment)
    {
        adjustment.DecidedAt = null;
        adjustment.Status = adjustment.Decision;
        Changed(adjustment);
    }

    /// <summary>The bank gives the money of a chargeback back to the seller.</summary>
    public void Reverse(Adjustment chargeback)
    {
        chargeback.Status = Statuses.Reversed;
        Changed(chargeback);
        Create(world.Transactions.Find(chargeback.TransactionId)!, "chargeback_reverse", chargeback.Type, "chargeback won", amounts: null);
    }

    private Adjustment Add(Adjustment adjustment)
    {
        world.Adjustments.Add(adjustment);
        Recompute(adjustment.TransactionId);
        events.Emit(adjustment, "created");
        return adjustment;
    }

    private void Changed(Adjustment adjustment)
    {
        adjustment.UpdatedAt = world.Clock.Stamp();
        Recompute(adjustment.TransactionId);
        events.Emit(adjustment, "updated");
    }

    // The transaction stays what it was, and no event tells of it; only its adjusted sums follow.
    private void Recompute(string transactionId)
    {
        var transaction = world.Transactions.Find(transactionId)!;
        var (subtotal, tax, total, fee) = (0L, 0L, 0L, 0L);
        foreach (var adjustment in world.Adjustments.All.Where(candidate =>
            candidate.TransactionId == transactionId && candidate.Status == Statuses.Approved && Returning.Contains(candidate.Action, StringComparer.Ordinal)))
        {
            subtotal += Pricing.Parse(adjustment.Totals.Subtotal);
            tax += Pricing.Parse(adjustment.Totals.Tax);
            total += Pricing.Parse(adjustment.Totals.Total);
            fee += Pricing.Parse(adjustment.Totals.Fee);
        }

        var totals = transaction.Details.Totals;
        var restFee = Pricing.Parse(totals.Fee ?? "0") - fee;
        transaction.Details = transaction.Details with
        {
            AdjustedTotals = new AdjustedTotals(
                Less(totals.Subtotal, subtotal), Less(totals.Tax, tax), Less(totals.Total, total), Less(totals.GrandTotal, total), Minor.Text(restFee), "0",
                Less(totals.Earnings ?? "0", total - tax - fee), totals.CurrencyCode),
        };

        static string Less(string amount, long by) => Minor.Text(Pricing.Parse(amount) - by);
    }

    private AdjustmentItem Item(LineItem line, long amount, string type, ProrationPart? proration)
    {
        var (total, lineTax) = (Pricing.Parse(line.Totals.Total), Pricing.Parse(line.Totals.Tax));
        var tax = total == 0 ? 0 : Minor.Round((decimal)amount * lineTax / total);
        return new AdjustmentItem(
            world.Ids.New("adjitm"), line.Id, type, Minor.Text(amount), proration, new AdjustmentItemTotals(Minor.Text(amount - tax), Minor.Text(tax), Minor.Text(amount)));
    }

    private static AdjustmentTotals Sum(Transaction transaction, IReadOnlyList<AdjustmentItem> items)
    {
        var (subtotal, tax) = (items.Sum(item => Pricing.Parse(item.Totals.Subtotal)), items.Sum(item => Pricing.Parse(item.Totals.Tax)));
        var whole = Pricing.Parse(transaction.Details.Totals.Total);
        var fee = whole == 0 ? 0 : Minor.Round(Pricing.Parse(transaction.Details.Totals.Fee ?? "0") * (decimal)(subtotal + tax) / whole);
        return new AdjustmentTotals(
            Minor.Text(subtotal), Minor.Text(tax), Minor.Text(subtotal + tax), Minor.Text(fee), "0", Minor.Text(subtotal - fee), transaction.CurrencyCode);
    }

    private static TaxRateUsed[] RatesOf(Transaction transaction, IReadOnlyList<AdjustmentItem> items) =>
    [
        new(
            transaction.Details.TaxRatesUsed is [{ } used, ..] ? used.TaxRate : "0",
            LineTotals.Of(items.Sum(item => Pricing.Parse(item.Totals.Subtotal)), items.Sum(item => Pricing.Parse(item.Totals.Tax)))),
    ];
}
