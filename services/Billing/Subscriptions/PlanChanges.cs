using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Checkouts;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Subscriptions;

/// <summary>
/// Works out what a change of plan means at Paddle: the complete list of what is subscribed to with only the plan's price exchanged, and how the rest of the
/// period is charged. Amounts are Paddle's alone.
/// </summary>
/// <param name="db">Billing's database.</param>
/// <param name="paddle">Paddle's API.</param>
/// <param name="desk">Carries changes out.</param>
/// <param name="options">How changes are charged.</param>
public sealed class PlanChanges(BillingDbContext db, IPaddleClient paddle, SubscriptionDesk desk, IOptions<ShopOptions> options)
{
    /// <summary>Works a change out. Nothing is changed.</summary>
    /// <param name="subscription">Of which subscription.</param>
    /// <param name="planCode">To which plan.</param>
    /// <param name="interval">The unit of the billing cycle; null: as it is.</param>
    /// <param name="frequency">How many units make a cycle; null: 1, or with no unit as it is.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    public async Task<PlanChangeResult> PrepareAsync(
        Subscription subscription, string planCode, BillingInterval? interval, int? frequency, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        if (SubscriptionRules.Refuse(subscription, SubscriptionAction.ChangePlan) is { } reason)
        {
            return new PlanChangeResult.Refused(reason);
        }

        var plan = await db.Plans.AsNoTracking().Include(row => row.Prices)
            .SingleOrDefaultAsync(row => row.Code == planCode && row.Visibility != PlanVisibility.Archived, cancellationToken);
        if (plan is null || plan.Terms.Product != subscription.Product)
        {
            return new PlanChangeResult.Impossible(plan is null ? PlanChangeObstacle.UnknownPlan : PlanChangeObstacle.OtherProduct);
        }

        // The list that is sent replaces what is there, so it begins with what is there now and not with what was there when Paddle last told.
        var read = await paddle.GetSubscriptionAsync(subscription.PaddleId!, cancellationToken);
        return read.IsDone
            ? await PrepareAsync(subscription, read.Value, plan, interval, frequency, cancellationToken)
            : new PlanChangeResult.Failed(read.Failure);
    }

    /// <summary>Makes a change.</summary>
    /// <param name="subscription">Of which subscription.</param>
    /// <param name="change">The change.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<ChangeResult> MakeAsync(Subscription subscription, PlanChange change, string actor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        return desk.CarryOutAsync(
            subscription,
            SubscriptionAction.ChangePlan,
            actor,
            id => paddle.UpdateSubscriptionAsync(id, change.ToRequest(), CancellationToken.None),
            change.IsShownBy,
            cancellationToken,
            new { plan = change.Plan.Code, price = change.Offer.Price.Id, proration = change.ProrationMode });
    }

    private async Task<PlanChangeResult> PrepareAsync(
        Subscription subscription, PaddleSubscription present, Plan plan, BillingInterval? interval, int? frequency, CancellationToken cancellationToken)
    {
        var items = present.Items.Where(PlanChange.IsRecurring).ToList();
        if (await FindPlanItemAsync(subscription, items, cancellationToken) is not { } held)
        {
            return new PlanChangeResult.Impossible(PlanChangeObstacle.NoPlan);
        }

        var cycle = (Interval: IntervalOf(held.Price.BillingCycle!.Interval), held.Price.BillingCycle.Frequency);
        var wanted = (Interval: interval ?? cycle.Interval, Frequency: frequency ?? (interval is null ? cycle.Frequency : 1));
        if (PriceSelection.InCurrency(plan, wanted.Interval, wanted.Frequency, present.CurrencyCode, options.Value.DefaultCurrency) is not { } offer)
        {
            return new PlanChangeResult.Impossible(PlanChangeObstacle.NotSold);
        }

        // A trial that runs goes on, and a change never begins another one. What has not been pushed yet is sold as before: Paddle begins no trial in the middle.
        var isTrialing = present.Status == PaddleSubscriptionStatuses.Trialing;
        if ((CataloguePrice.For(plan, offer.Price, !isTrialing).PaddleId ?? offer.Price.PaddleId) is not { } priceId)
        {
            return new PlanChangeResult.Impossible(PlanChangeObstacle.NotPushed);
        }

        if (offer.Price.IsSoldAs(held.Price.Id))
        {
            return new PlanChangeResult.Impossible(PlanChangeObstacle.Same);
        }

        var isAnotherCycle = wanted != cycle;
        if (isAnotherCycle && items.Count > 1)
        {
            return new PlanChangeResult.Impossible(PlanChangeObstacle.OtherItems);
        }

        var kind = KindOf(subscription, held, plan, offer, cycle, wanted);
        return new PlanChangeResult.Ready(new PlanChange(
            plan,
            offer,
            kind,
            PlanChange.ModeOf(kind, isAnotherCycle, present.Status, options.Value),
            present.Status,
            [.. items.Select(item => new PaddleItem(item.Price.Id == held.Price.Id ? priceId : item.Price.Id, Math.Max(1, item.Quantity)))]));
    }

    // The first item that is one of the product's plans; the others are add-ons.
    private async Task<PaddleSubscriptionItem?> FindPlanItemAsync(
        Subscription subscription, List<PaddleSubscriptionItem> items, CancellationToken cancellationToken)
    {
        var ids = items.ConvertAll(item => item.Price.Id);
        var known = (await db.Plans.AsNoTracking().Include(plan => plan.Prices)
                .Where(plan => plan.Prices.Any(price => ids.Contains(price.PaddleId!) || ids.Contains(price.PaddleIdWithoutTrial!)))
                .ToListAsync(cancellationToken))
            .Where(plan => plan.Terms.Product == subscription.Product)
            .SelectMany(plan => plan.Prices)
            .ByPaddleId();
        return items.Find(item => known.ContainsKey(item.Price.Id));
    }

    private static PlanChangeKind KindOf(
        Subscription subscription,
        PaddleSubscriptionItem held,
        Plan plan,
        PriceOffer offer,
        (BillingInterval Interval, int Frequency) before,
        (BillingInterval Interval, int Frequency) after)
    {
        if (subscription.PlanCode == plan.Code)
        {
            return PlanChangeKind.Renewal;
        }

        // Amounts of two currencies cannot be compared without a rate. Whoever changes the plan then mostly wants more.
        if (held.Price.UnitPrice is not { } paid || ComparableTo(offer, paid.CurrencyCode) is not { } asked)
        {
            return PlanChangeKind.Upgrade;
        }

        var dailyBefore = paid.ToMinorUnits() / PriceSelection.DaysOf(before.Interval, before.Frequency);
        var dailyAfter = asked.Minor / PriceSelection.DaysOf(after.Interval, after.Frequency);
        return dailyAfter >= dailyBefore ? PlanChangeKind.Upgrade : PlanChangeKind.Downgrade;
    }

    private static Money? ComparableTo(PriceOffer offer, string currency) =>
        offer.Price.Terms.UnitPrice.Currency == currency ? offer.Price.Terms.UnitPrice : offer.Amount.Currency == currency ? offer.Amount : null;

    private static BillingInterval IntervalOf(string interval) => interval switch
    {
        "day" => BillingInterval.Day,
        "week" => BillingInterval.Week,
        "year" => BillingInterval.Year,
        _ => BillingInterval.Month,
    };
}
