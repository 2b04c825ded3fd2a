using BotGeneric.Simulators.Paddle.Adjustments;
using BotGeneric.Simulators.Paddle.Api;
using BotGeneric.Simulators.Paddle.Money;
using BotGeneric.Simulators.Paddle.State;
using BotGeneric.Simulators.Paddle.Transactions;

namespace BotGeneric.Simulators.Paddle.Subscriptions;

/// <summary>Changes of items and dates, one-time charges. Guarded by the world's lock.</summary>
/// <param name="world">Keeps everything.</param>
/// <param name="rules">What is not allowed.</param>
/// <param name="lifecycle">Tells of changes.</param>
/// <param name="collection">Bills them.</param>
/// <param name="adjustments">Credits.</param>
/// <param name="flow">The steps of bills.</param>
internal sealed class SubscriptionChanges(
    PaddleWorld world, ChangeRules rules, SubscriptionLifecycle lifecycle, SubscriptionCollection collection, AdjustmentFlow adjustments, TransactionFlow flow)
{
    /// <summary>Checks a change and computes it.</summary>
    public Refusal? Plan(Subscription subscription, ChangeRequest request, out ChangePlan? plan)
    {
        plan = null;
        IReadOnlyList<SubscriptionItem> items = [];
        if ((rules.Refuse(subscription, request) ?? rules.ReadItems(subscription, request, out items)) is { } refusal)
        {
            return refusal;
        }

        if (request.ChangesBilling)
        {
            plan = Prorations.Plan(subscription, items, request, world.Clock.Now);
        }

        return null;
    }

    /// <summary>Does a change, and bills what it costs now.</summary>
    public Refusal? Apply(Subscription subscription, ChangeRequest request)
    {
        if (Plan(subscription, request, out var plan) is { } refusal)
        {
            return refusal;
        }

        if (plan is null)
        {
            Set(subscription, request, plan: null);
            lifecycle.Tell(subscription, "updated");
            return null;
        }

        return Bill(subscription, plan.NowLines, Origins.Update, plan.Period, request.AppliesOnDecline, () => Set(subscription, request, plan));
    }

    /// <summary>Charges one-time items.</summary>
    public Refusal? Charge(Subscription subscription, IReadOnlyList<LineInput> lines, bool immediately, bool appliesOnDecline)
    {
        if (immediately)
        {
            return Bill(subscription, lines, Origins.Charge, subscription.CurrentBillingPeriod, appliesOnDecline, () => { });
        }

        subscription.NextBillLines.AddRange(lines);
        lifecycle.Tell(subscription, "updated");
        return null;
    }

    // The bank is asked before anything changes: when it declines, nothing does, unless the caller wants it so.
    private Refusal? Bill(
        Subscription subscription, IReadOnlyList<LineInput> lines, string origin, BillingPeriod? period, bool appliesOnDecline, Action change)
    {
        var customer = collection.CustomerOf(subscription);
        var bill = lines.Count == 0 ? null : collection.Draw(subscription, lines, origin, period);
        var due = bill is null ? 0 : Pricing.Parse(bill.Details.Totals.Total);
        if (due <= 0)
        {
            change();
            lifecycle.Tell(subscription, "updated");
            if (bill is not null)
            {
                world.Transactions.Remove(bill.Id);
                CreditBack(subscription, customer, -due, lines);
            }

            return null;
        }

        flow.UseCredit(bill!, customer);
        due = Pricing.Parse(bill!.Details.Totals.GrandTotal);
        var tooLittle = due > 0 && due < Currencies.Find(bill.CurrencyCode)!.MinimumPaymentAmount
            ? Refusal.BadRequest("transaction_balance_less_than_charge_limit", "the balance is less than what can be charged") : null;
        if ((rules.RefuseImmediateCharge(subscription) ?? tooLittle) is { } refusal)
        {
            ReturnCredit(bill, customer);
            world.Transactions.Remove(bill.Id);
            return refusal;
        }

        var declined = due == 0 ? null : customer.Card.Charge();
        subscription.ImmediateCharges.Add(world.Clock.Now);
        if (declined is not null && !appliesOnDecline)
        {
            ReturnCredit(bill, customer);
            collection.Abandon(bill, customer, declined);
            return Refusal.BadRequest("subscription_payment_declined", "payment declined");
        }

        change();
        lifecycle.Tell(subscription, "updated");
        collection.Charge(bill, customer, declined);
        if (declined is not null)
        {
            lifecycle.FallBehind(subscription, bill);
        }

        return null;
    }

    private static void ReturnCredit(Transaction bill, Customers.Customer customer)
    {
        if (bill.Credit > 0)
        {
            customer.Credit[bill.CurrencyCode] = customer.Credit.GetValueOrDefault(bill.CurrencyCode) + bill.Credit;
        }
    }

    private void CreditBack(Subscription subscription, Customers.Customer customer, long amount, IReadOnlyList<LineInput> lines)
    {
        var paid = world.Transactions.All.LastOrDefault(row => row.SubscriptionId == subscription.Id && row.Status == Statuses.Completed && row.Details.Totals.Total != "0");
        if (amount > 0 && paid is not null)
        {
            adjustments.Credit(paid, customer, amount, lines.FirstOrDefault(line => line.Factor < 0)?.Proration);
        }
    }

    private void Set(Subscription subscription, ChangeRequest request, ChangePlan? plan)
    {
        if (request.ClearsScheduledChange)
        {
            SubscriptionLifecycle.Unschedule(subscription);
        }

        if (request.HasCustomData)
        {
            subscription.CustomData = PaddleJson.Clone(request.CustomData);
        }

        if (plan is null)
        {
            return;
        }

        (subscription.Items, subscription.BillingCycle, subscription.CurrentBillingPeriod) = (plan.Items, plan.Cycle, plan.Period);
        SubscriptionLifecycle.SetNextBilled(subscription, request.ClearsScheduledChange ? plan.Period?.EndsAt : plan.NextBilledAt);
        subscription.AnchorDay = plan.AnchorDay;
        subscription.NextBillLines.AddRange(plan.NextLines);
    }
}
