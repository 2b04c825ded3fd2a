using BotGeneric.Simulators.Paddle.Adjustments;
using BotGeneric.Simulators.Paddle.Api;
using BotGeneric.Simulators.Paddle.Catalogue;
using BotGeneric.Simulators.Paddle.State;
using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.Paddle.Subscriptions;

/// <summary>What Paddle does not let one do with a subscription. Guarded by the world's lock.</summary>
/// <param name="world">The time and the catalogue.</param>
/// <param name="adjustments">Pending refunds.</param>
/// <param name="options">Where Paddle's sources contradict each other.</param>
internal sealed class ChangeRules(PaddleWorld world, AdjustmentFlow adjustments, IOptions<PaddleSimulatorOptions> options)
{
    private static readonly TimeSpan LockedBeforeRenewal = TimeSpan.FromMinutes(30);
    private const int ChargesPerHour = 20;
    private const int ChargesPerDay = 100;

    /// <summary>What stands against any change at all: it has ended, or it is being billed.</summary>
    public Refusal? RefuseAny(Subscription subscription)
    {
        if (!subscription.IsLive)
        {
            return Refusal.BadRequest("subscription_update_when_canceled", "cannot update subscription, as subscription is canceled");
        }

        return RefuseLocked(subscription);
    }

    public Refusal? RefuseLocked(Subscription subscription)
    {
        if (subscription.Lock is { } code)
        {
            return Refusal.Conflict(code, code == "subscription_locked_renewal"
                ? "unable to update subscription 30m0s before renewal" : "subscription is being processed");
        }

        var renewsSoon = subscription is { Status: Statuses.Active or Statuses.Trialing, NextBilledAt: { } next } && next - world.Clock.Now < LockedBeforeRenewal;
        return renewsSoon ? Refusal.Conflict("subscription_locked_renewal", "unable to update subscription 30m0s before renewal") : null;
    }

    /// <summary>What stands against a PATCH.</summary>
    public Refusal? Refuse(Subscription subscription, ChangeRequest request)
    {
        if (RefuseAny(subscription) is { } refusal)
        {
            return refusal;
        }

        if (request.SetsScheduledChange)
        {
            return Refusal.BadRequest("subscription_scheduled_change_invalid_update", "scheduled_change can only be set to null, which removes it");
        }

        if (!request.ChangesBilling)
        {
            return null;
        }

        if (request.Mode is null)
        {
            return Refusal.BadRequest("subscription_items_update_missing_proration_billing_mode", "proration_billing_mode is required when updating items or next_billed_at");
        }

        return RefuseByStatus(subscription, request) ?? RefusePending(subscription, request)
            ?? (request.NextBilledAt is { } next && next - world.Clock.Now < LockedBeforeRenewal
                ? Refusal.BadRequest("subscription_next_billed_at_too_soon", "next_billed_at must be at least 30 minutes from now") : null);
    }

    /// <summary>Reads the complete list of items that a subscription shall have.</summary>
    public Refusal? ReadItems(Subscription subscription, ChangeRequest request, out IReadOnlyList<SubscriptionItem> items)
    {
        items = subscription.Items;
        if (request.Items is not { } asked)
        {
            return null;
        }

        if (asked.Count == 0)
        {
            return Refusal.BadRequest("subscription_all_items_removed", "a subscription must keep an item");
        }

        if (asked.DistinctBy(item => item.PriceId, StringComparer.Ordinal).Count() < asked.Count)
        {
            return Refusal.BadRequest("subscription_duplicate_price_ids", "a price is in the items more than once");
        }

        var changed = new List<SubscriptionItem>(asked.Count);
        foreach (var item in asked)
        {
            var present = subscription.Items.FirstOrDefault(candidate => candidate.Price.Id == item.PriceId);
            if (RefuseItem(present, item.PriceId, item.Quantity) is { } refusal)
            {
                return refusal;
            }

            var now = world.Clock.Now;
            changed.Add(present is not null
                ? present with { Quantity = item.Quantity ?? present.Quantity, UpdatedAt = item.Quantity is null ? present.UpdatedAt : now }
                : Fresh(subscription, world.Prices.Find(item.PriceId)!, item.Quantity!.Value, now));
        }

        return RefuseMixture(subscription, changed, request) ?? Accept(changed, out items);
    }

    /// <summary>There may be so many charges outside of renewals.</summary>
    public Refusal? RefuseImmediateCharge(Subscription subscription)
    {
        var now = world.Clock.Now;
        subscription.ImmediateCharges.RemoveAll(at => at <= now.AddDays(-1));
        if (subscription.ImmediateCharges.Count(at => at > now.AddHours(-1)) >= ChargesPerHour)
        {
            return Refusal.BadRequest("subscription_immediate_charge_hour_limit_exceeded", "more than 20 immediate charges within an hour");
        }

        return subscription.ImmediateCharges.Count >= ChargesPerDay
            ? Refusal.BadRequest("subscription_immediate_charge_24_hour_limit_exceeded", "more than 100 immediate charges within a day")
            : null;
    }

    private static Refusal? Accept(IReadOnlyList<SubscriptionItem> changed, out IReadOnlyList<SubscriptionItem> items)
    {
        items = changed;
        return null;
    }

    private static Refusal? RefuseByStatus(Subscription subscription, ChangeRequest request) => subscription.Status switch
    {
        Statuses.PastDue => Refusal.BadRequest("subscription_update_when_past_due", "cannot update subscription, as subscription is past due"),
        Statuses.Trialing when request.Mode != ProrationModes.DoNotBill => Refusal.BadRequest(
            "subscription_trialing_items_update_invalid_options", "items of a trialing subscription can only be changed with do_not_bill"),
        Statuses.Paused when request.NextBilledAt is not null => Refusal.BadRequest(
            "subscription_only_update_items_on_paused_subscription", "only items can be updated while the subscription is paused"),
        Statuses.Paused when request.Mode != ProrationModes.DoNotBill => Refusal.BadRequest(
            "subscription_incorrect_proration_on_paused_subscription", "a paused subscription accepts do_not_bill only"),
        _ => null,
    };

    private Refusal? RefusePending(Subscription subscription, ChangeRequest request)
    {
        if (subscription.ScheduledChange is not null && !request.ClearsScheduledChange && !(options.Value.ItemChangesWithScheduledChange && request.NextBilledAt is null))
        {
            return Refusal.BadRequest("subscription_locked_pending_changes", "cannot update subscription, as it has a scheduled change");
        }

        return ProrationModes.IsImmediate(request.Mode) && adjustments.HasPendingRefund(adjustment => adjustment.SubscriptionId == subscription.Id)
            ? Refusal.BadRequest("subscription_outstanding_pending_refund", "cannot update subscription, as it has a pending refund")
            : null;
    }

    private Refusal? RefuseItem(SubscriptionItem? present, string priceId, int? quantity)
    {
        var price = present?.Price ?? world.Prices.Find(priceId);
        if (price is null || (present is null && (price.Status == Statuses.Archived || price.BillingCycle is null)))
        {
            return Refusal.BadRequest("subscription_new_items_not_valid", $"{priceId} is not an active recurring price");
        }

        if (present is null && quantity is null)
        {
            return Refusal.BadRequest("subscription_quantity_missing_for_new_items", $"quantity is required for {priceId}, which is new");
        }

        return quantity is { } count && (count < price.Quantity.Minimum || count > price.Quantity.Maximum)
            ? Refusal.BadRequest("subscription_quantity_not_valid", FormattableString.Invariant($"quantity of {priceId} must be from {price.Quantity.Minimum} to {price.Quantity.Maximum}"))
            : null;
    }

    private static Refusal? RefuseMixture(Subscription subscription, List<SubscriptionItem> items, ChangeRequest request)
    {
        var cycles = items.Select(item => item.Price.BillingCycle!).Distinct().ToArray();
        if (cycles.Length > 1 || (cycles[0] != subscription.BillingCycle && subscription.Status == Statuses.Trialing))
        {
            return Refusal.BadRequest("subscription_new_items_not_valid", "recurring items must have the same billing cycle");
        }

        return cycles[0] != subscription.BillingCycle && ProrationModes.IsNext(request.Mode)
            ? Refusal.Invalid("proration_billing_mode", "a change of the billing frequency accepts prorated_immediately, full_immediately and do_not_bill only")
            : null;
    }

    private SubscriptionItem Fresh(Subscription subscription, Price price, int quantity, DateTimeOffset now) => new(
        subscription.Status == Statuses.Trialing ? Statuses.Trialing : Statuses.Active, quantity, true, now, now, null, subscription.NextBilledAt,
        subscription.Status == Statuses.Trialing ? subscription.CurrentBillingPeriod : null, price.Copy(), world.Products.Find(price.ProductId)!.Copy());
}
