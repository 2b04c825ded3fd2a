using System.Text.Json.Nodes;
using BotGeneric.Simulators.Paddle.Money;
using BotGeneric.Simulators.Paddle.State;
using BotGeneric.Simulators.Paddle.Transactions;

namespace BotGeneric.Simulators.Paddle.Subscriptions;

/// <summary>What a subscription will cost. Guarded by the world's lock.</summary>
/// <param name="pricing">Computes it.</param>
internal sealed class SubscriptionPreviews(Pricing pricing)
{
    /// <summary>The subscription as a change would leave it, with what it costs now, next time and every time.</summary>
    public JsonObject Of(JsonObject shape, Subscription subscription, ChangePlan? plan)
    {
        shape.Remove("id");
        var items = plan?.Items ?? subscription.Items;
        var nextLines = plan is null ? [.. subscription.NextBillLines] : subscription.NextBillLines.Concat(plan.NextLines).ToArray();
        shape["items"] = new JsonArray([.. items.Select(PaddleJson.Of)]);
        shape["billing_cycle"] = PaddleJson.Of(plan?.Cycle ?? subscription.BillingCycle);
        shape["next_billed_at"] = (plan is null ? subscription.NextBilledAt : plan.NextBilledAt) is { } next ? PaddleJson.Write(next) : null;
        shape["current_billing_period"] = (plan is null ? subscription.CurrentBillingPeriod : plan.Period) is { } period ? PaddleJson.Of(period) : null;
        shape["immediate_transaction"] = plan is { NowLines.Count: > 0 } && Total(subscription, plan.NowLines) > 0
            ? Bill(subscription, plan.NowLines, plan.Period) : null;
        shape["next_transaction"] = Next(subscription, items, plan?.Cycle ?? subscription.BillingCycle, plan is null ? subscription.NextBilledAt : plan.NextBilledAt, nextLines);
        shape["recurring_transaction_details"] = Recurring(subscription, items);
        shape["update_summary"] = Summary(subscription, plan);
        return shape;
    }

    public JsonObject? Next(Subscription subscription) => Next(subscription, subscription.Items, subscription.BillingCycle, subscription.NextBilledAt, subscription.NextBillLines);

    public JsonObject Recurring(Subscription subscription, IReadOnlyList<SubscriptionItem> items) =>
        Details(subscription, [.. items.Select(item => new LineInput(item.Price, item.Product, item.Quantity))]);

    private JsonObject? Next(
        Subscription subscription, IReadOnlyList<SubscriptionItem> items, TimePeriod cycle, DateTimeOffset? next, IReadOnlyList<LineInput> more) => next is { } at
        ? Bill(
            subscription, [.. items.Select(item => new LineInput(item.Price, item.Product, item.Quantity)), .. more],
            new BillingPeriod(at, cycle.After(at, subscription.AnchorDay)))
        : null;

    private JsonObject Bill(Subscription subscription, IReadOnlyList<LineInput> lines, BillingPeriod? period) => new()
    {
        ["billing_period"] = period is null ? null : PaddleJson.Of(period),
        ["details"] = Details(subscription, lines),
        ["adjustments"] = new JsonArray(),
    };

    private JsonObject Details(Subscription subscription, IReadOnlyList<LineInput> lines)
    {
        var details = PaddleJson.Of(pricing.Compute(lines, subscription.Country, subscription.CurrencyCode));
        foreach (var name in new[] { "adjusted_totals", "payout_totals", "adjusted_payout_totals" })
        {
            details.Remove(name);
        }

        foreach (var line in details["line_items"]!.AsArray())
        {
            // What has not been billed has no ids yet.
            line!.AsObject().Remove("id");
        }

        return details;
    }

    private JsonObject? Summary(Subscription subscription, ChangePlan? plan)
    {
        if (plan is null || plan.NowLines.Count + plan.NextLines.Count == 0)
        {
            return null;
        }

        LineInput[] lines = [.. plan.NowLines, .. plan.NextLines];
        var charge = Total(subscription, [.. lines.Where(line => line.Factor > 0)]);
        var credit = Total(subscription, [.. lines.Where(line => line.Factor < 0)]);
        return new JsonObject
        {
            ["credit"] = Money(credit),
            ["charge"] = Money(charge),
            ["result"] = new JsonObject
            {
                ["action"] = charge + credit >= 0 ? "charge" : "credit",
                ["amount"] = Minor.Text(Math.Abs(charge + credit)),
                ["currency_code"] = subscription.CurrencyCode,
            },
        };

        JsonObject Money(long amount) => new() { ["amount"] = Minor.Text(amount), ["currency_code"] = subscription.CurrencyCode };
    }

    private long Total(Subscription subscription, IReadOnlyList<LineInput> lines) =>
        Pricing.Parse(pricing.Compute(lines, subscription.Country, subscription.CurrencyCode).Totals.Total);
}
