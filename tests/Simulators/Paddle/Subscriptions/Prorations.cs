using System.Globalization;
using BotGeneric.Simulators.Paddle.Money;
using BotGeneric.Simulators.Paddle.State;
using BotGeneric.Simulators.Paddle.Transactions;

namespace BotGeneric.Simulators.Paddle.Subscriptions;

/// <summary>What a change costs, by time to the second.</summary>
internal static class Prorations
{
    /// <summary>Computes a change that has been found valid.</summary>
    public static ChangePlan Plan(Subscription subscription, IReadOnlyList<SubscriptionItem> items, ChangeRequest request, DateTimeOffset now)
    {
        var cycle = items[0].Price.BillingCycle!;
        if (subscription.CurrentBillingPeriod is not { } period || request.Mode == ProrationModes.DoNotBill || subscription.Status != Statuses.Active)
        {
            return Free(subscription, items, request, cycle);
        }

        var startsAnew = cycle != subscription.BillingCycle;
        var after = startsAnew ? new BillingPeriod(now, cycle.After(now, now.Day)) : period;
        var lines = request.Mode is ProrationModes.FullImmediately or ProrationModes.FullNext && !startsAnew
            ? Full(subscription.Items, items)
            : Prorated(subscription.Items, items, period, now, startsAnew ? after : null, withCredits: request.Mode is not ProrationModes.FullImmediately);
        if (request.NextBilledAt is { } next && !startsAnew)
        {
            lines = [.. lines, .. Moved(items, period, next)];
            after = period with { EndsAt = next };
        }

        // A zero line would say nothing.
        lines = [.. lines.Where(line => line.Factor != 0m)];
        var isImmediate = ProrationModes.IsImmediate(request.Mode);
        var anchorDay = startsAnew ? now.Day : request.NextBilledAt?.Day ?? subscription.AnchorDay;
        return new ChangePlan(
            [.. items.Select(item => item with { PreviouslyBilledAt = startsAnew ? now : item.PreviouslyBilledAt })], cycle, after,
            subscription.NextBilledAt is null && !startsAnew ? null : after.EndsAt, anchorDay, isImmediate ? lines : [], isImmediate ? [] : lines);
    }

    private static ChangePlan Free(Subscription subscription, IReadOnlyList<SubscriptionItem> items, ChangeRequest request, TimePeriod cycle)
    {
        var next = request.NextBilledAt ?? subscription.NextBilledAt;
        var period = request.NextBilledAt is { } moved ? subscription.CurrentBillingPeriod! with { EndsAt = moved } : subscription.CurrentBillingPeriod;
        if (request.NextBilledAt is { } end)
        {
            // A trial ends with its period.
            items = [.. items.Select(item => item.TrialDates is null ? item : item with { TrialDates = item.TrialDates with { EndsAt = end } })];
        }

        return new ChangePlan(items, cycle, period, next, request.NextBilledAt?.Day ?? subscription.AnchorDay, [], []);
    }

    private static List<LineInput> Prorated(
        IReadOnlyList<SubscriptionItem> before, IReadOnlyList<SubscriptionItem> after, BillingPeriod period, DateTimeOffset now, BillingPeriod? fresh, bool withCredits)
    {
        var rest = Share(now, period.EndsAt, period);
        var restOfPeriod = new BillingPeriod(now, period.EndsAt);
        var lines = new List<LineInput>();
        foreach (var item in after)
        {
            var old = before.FirstOrDefault(candidate => candidate.Price.Id == item.Price.Id);
            if (fresh is not null)
            {
                lines.Add(Line(item, 1m, fresh));
            }
            else if (old?.Quantity != item.Quantity)
            {
                lines.Add(Line(item, rest, restOfPeriod));
            }
        }

        if (withCredits)
        {
            lines.AddRange(before
                .Where(old => fresh is not null || after.FirstOrDefault(item => item.Price.Id == old.Price.Id)?.Quantity != old.Quantity)
                .Select(old => Line(old, -rest, restOfPeriod)));
        }

        return lines;
    }

    // The whole price of what is new, however little of the period is left, and nothing back.
    private static List<LineInput> Full(IReadOnlyList<SubscriptionItem> before, IReadOnlyList<SubscriptionItem> after) =>
    [
        .. after
            .Select(item => item with { Quantity = item.Quantity - (before.FirstOrDefault(old => old.Price.Id == item.Price.Id)?.Quantity ?? 0) })
            .Where(item => item.Quantity > 0)
            .Select(item => new LineInput(item.Price, item.Product, item.Quantity)),
    ];

    // A later bill makes the period longer, and the customer pays for that; an earlier one gives back.
    private static IEnumerable<LineInput> Moved(IReadOnlyList<SubscriptionItem> items, BillingPeriod period, DateTimeOffset next)
    {
        var share = Share(period.EndsAt, next, period);
        var part = next > period.EndsAt ? new BillingPeriod(period.EndsAt, next) : new BillingPeriod(next, period.EndsAt);
        return items.Select(item => Line(item, share, part));
    }

    private static LineInput Line(SubscriptionItem item, decimal factor, BillingPeriod part) => new(
        item.Price, item.Product, item.Quantity, factor, new ProrationPart(Math.Abs(factor).ToString("0.#####", CultureInfo.InvariantCulture), part));

    private static decimal Share(DateTimeOffset from, DateTimeOffset to, BillingPeriod of) =>
        Seconds(to - from) / Seconds(of.EndsAt - of.StartsAt);

    private static decimal Seconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerSecond;
}
