using BotGeneric.Simulators.Paddle.Api;
using BotGeneric.Simulators.Paddle.Checkout;
using BotGeneric.Simulators.Paddle.Notifications;
using BotGeneric.Simulators.Paddle.State;
using BotGeneric.Simulators.Paddle.Transactions;

namespace BotGeneric.Simulators.Paddle.Subscriptions;

/// <summary>What can be done with a subscription, beside changing it.</summary>
/// <param name="world">Keeps them.</param>
/// <param name="rules">What is not allowed.</param>
/// <param name="lifecycle">Does it.</param>
/// <param name="changes">Charges.</param>
/// <param name="collection">Draws bills.</param>
/// <param name="events">Tells of them.</param>
/// <param name="api">Shows subscriptions.</param>
/// <param name="links">Where a card is changed.</param>
internal sealed class SubscriptionActionsApi(
    PaddleWorld world,
    ChangeRules rules,
    SubscriptionLifecycle lifecycle,
    SubscriptionChanges changes,
    SubscriptionCollection collection,
    EventLog events,
    SubscriptionsApi api,
    CheckoutLinks links)
{
    private const string Immediately = "immediately";
    private const string NextPeriod = "next_billing_period";
    private static readonly string[] Times = [NextPeriod, Immediately];
    private static readonly string[] ResumeChoices = [ResumeModes.StartNewBillingPeriod, ResumeModes.ContinueExistingBillingPeriod];
    private static readonly string[] FailureModes = ["prevent_change", "apply_change"];

    public void Map(PaddleRoutes routes)
    {
        routes.Post("/subscriptions/{id}/pause", Guarded(Pause), bodyOptional: true);
        routes.Post("/subscriptions/{id}/resume", Guarded(Resume));
        routes.Post("/subscriptions/{id}/cancel", Guarded(Cancel), bodyOptional: true);
        routes.Post("/subscriptions/{id}/activate", Guarded(Activate), bodyOptional: true);
        routes.Post("/subscriptions/{id}/charge", Guarded(Charge));
        routes.Get("/subscriptions/{id}/update-payment-method-transaction", UpdatePaymentMethod);
    }

    private Func<PaddleCall, Answer> Guarded(Func<Subscription, Fields, Refusal?> act) => call =>
    {
        if (!world.Subscriptions.TryFind(call.Id, out var subscription))
        {
            return Refusal.NotFound(call.Id);
        }

        if (!subscription.IsLive)
        {
            return Refusal.BadRequest("subscription_is_canceled_action_invalid", "subscription is canceled, action is invalid");
        }

        return (rules.RefuseLocked(subscription) ?? act(subscription, call.Body)) is { } refusal ? refusal : Answer.Ok(api.Shape(subscription));
    };

    private Refusal? Pause(Subscription subscription, Fields body)
    {
        var (when, resumeAt, onResume) = (body.OneOf("effective_from", Times) ?? NextPeriod, body.Time("resume_at"), body.OneOf("on_resume", ResumeChoices));
        if (resumeAt <= world.Clock.Now)
        {
            body.Error("resume_at", "must be in the future");
        }

        if (body.Refuse() is { } refusal)
        {
            return refusal;
        }

        switch (subscription.Status)
        {
            case Statuses.Paused:
                return Refusal.BadRequest("subscription_cannot_be_paused", "subscription is paused already");
            case Statuses.Trialing:
                return Refusal.BadRequest("subscription_update_when_trialing", "cannot update subscription, as subscription is trialing");
            case Statuses.PastDue when when == NextPeriod:
                return Refusal.BadRequest("subscription_update_when_past_due", "cannot update subscription, as subscription is past due");
        }

        if (subscription.ScheduledChange is not null && when == NextPeriod)
        {
            return Pending();
        }

        subscription.OnResume = onResume ?? ResumeModes.StartNewBillingPeriod;
        if (when == Immediately)
        {
            lifecycle.PauseNow(subscription, resumeAt);
        }
        else
        {
            lifecycle.Schedule(subscription, "pause", resumeAt);
        }

        return null;
    }

    private Refusal? Resume(Subscription subscription, Fields body)
    {
        var (when, onResume) = (body.Text("effective_from", required: true), body.OneOf("on_resume", ResumeChoices));
        DateTimeOffset at = default;
        if (when is not null && when != Immediately && (!PaddleJson.TryReadTime(when, out at) || at <= world.Clock.Now))
        {
            body.Error("effective_from", "must be 'immediately' or an RFC 3339 date and time in the future");
        }

        if (body.Refuse() is { } refusal)
        {
            return refusal;
        }

        var pausesLater = subscription is { Status: not Statuses.Paused, ScheduledChange.Action: "pause" };
        if (subscription.Status != Statuses.Paused && (!pausesLater || when == Immediately))
        {
            return Refusal.BadRequest("subscription_must_be_paused", "the action can only be performed when the subscription is paused");
        }

        if (pausesLater && at <= subscription.ScheduledChange!.EffectiveAt)
        {
            return Refusal.Invalid("effective_from", "must be later than the scheduled pause");
        }

        subscription.OnResume = onResume ?? subscription.OnResume;
        if (when == Immediately)
        {
            lifecycle.ResumeNow(subscription);
            return null;
        }

        subscription.ScheduledChange = pausesLater ? subscription.ScheduledChange! with { ResumeAt = at } : new ScheduledChange("resume", at, null);
        lifecycle.Tell(subscription, "updated");
        return null;
    }

    private Refusal? Cancel(Subscription subscription, Fields body)
    {
        var when = body.OneOf("effective_from", Times);
        if (body.Refuse() is { } refusal)
        {
            return refusal;
        }

        if (when == Immediately || subscription.Status == Statuses.Paused)
        {
            lifecycle.CancelNow(subscription);
            return null;
        }

        if (subscription.ScheduledChange is not null)
        {
            return Pending();
        }

        lifecycle.Schedule(subscription, "cancel", resumeAt: null);
        return null;
    }

    private Refusal? Activate(Subscription subscription, Fields body)
    {
        if (body.Refuse() is { } refusal)
        {
            return refusal;
        }

        if (subscription.Status != Statuses.Trialing)
        {
            return Refusal.BadRequest("subscription_cannot_activate", "only a trialing subscription can be activated");
        }

        lifecycle.Activate(subscription);
        return null;
    }

    private Refusal? Charge(Subscription subscription, Fields body)
    {
        var when = body.OneOf("effective_from", Times, required: true);
        var items = RequestedItem.Read(body, required: true, quantityRequired: true);
        var onFailure = body.OneOf("on_payment_failure", FailureModes);
        if ((body.Refuse() ?? RefuseCharge(subscription, items!)) is { } refusal)
        {
            return refusal;
        }

        var lines = new List<LineInput>();
        foreach (var item in items!)
        {
            if (world.Prices.Find(item.PriceId) is not { Status: Statuses.Active, BillingCycle: null } price)
            {
                return Refusal.BadRequest("subscription_new_items_not_valid", $"{item.PriceId} is not an active one-time price");
            }

            if (item.Quantity < price.Quantity.Minimum || item.Quantity > price.Quantity.Maximum)
            {
                return Refusal.BadRequest("subscription_quantity_not_valid", $"the quantity of {item.PriceId} is out of range");
            }

            lines.Add(new LineInput(price.Copy(), world.Products.Find(price.ProductId)!.Copy(), item.Quantity!.Value));
        }

        return changes.Charge(subscription, lines, when == Immediately, onFailure == "apply_change");
    }

    private static Refusal? RefuseCharge(Subscription subscription, List<RequestedItem> items) => subscription.Status switch
    {
        Statuses.PastDue => Refusal.BadRequest("subscription_update_when_past_due", "cannot update subscription, as subscription is past due"),
        Statuses.Trialing => Refusal.BadRequest("subscription_update_when_trialing", "cannot update subscription, as subscription is trialing"),
        Statuses.Paused => Refusal.BadRequest("subscription_not_active", "subscription is not active"),
        _ => items.DistinctBy(item => item.PriceId, StringComparer.Ordinal).Count() < items.Count
            ? Refusal.BadRequest("subscription_charge_duplicate_price_ids", "a price is in the items more than once") : null,
    };

    private Answer UpdatePaymentMethod(PaddleCall call)
    {
        if (!world.Subscriptions.TryFind(call.Id, out var subscription))
        {
            return Refusal.NotFound(call.Id);
        }

        if (!subscription.IsLive)
        {
            return Refusal.BadRequest("subscription_is_canceled_action_invalid", "subscription is canceled, action is invalid");
        }

        return Answer.Ok(PaymentMethodTransaction(subscription));
    }

    /// <summary>The unpaid bill, or a transaction over nothing with which another card is given.</summary>
    public Transaction PaymentMethodTransaction(Subscription subscription)
    {
        if (subscription.Dunning is { } dunning)
        {
            return world.Transactions.Find(dunning.TransactionId)!;
        }

        var transaction = collection.Draw(
            subscription, [.. SubscriptionLifecycle.RecurringLines(subscription).Select(line => line with { Factor = 0m })], Origins.PaymentMethodChange, period: null);
        transaction.Checkout = new CheckoutLink(links.For(transaction.Id));
        events.Emit(transaction, "created", "ready");
        return transaction;
    }

    private static Refusal Pending() => Refusal.BadRequest("subscription_locked_pending_changes", "cannot update subscription, as it has a scheduled change");
}
