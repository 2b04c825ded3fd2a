using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Checkouts;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;

namespace BotGeneric.Billing.Subscriptions;

/// <summary>Which way a change of plan goes, by what a day costs.</summary>
public enum PlanChangeKind
{
    /// <summary>To something dearer.</summary>
    Upgrade,

    /// <summary>To something cheaper.</summary>
    Downgrade,

    /// <summary>The same plan with another billing cycle, or at its present price.</summary>
    Renewal,
}

/// <summary>A change of plan, worked out and not asked of Paddle yet.</summary>
/// <param name="Plan">The plan that is changed to.</param>
/// <param name="Offer">At which price.</param>
/// <param name="Kind">Which way it goes.</param>
/// <param name="ProrationMode">How what is left of the period is charged, one of <see cref="PaddleProrationModes"/>.</param>
/// <param name="Status">The subscription's status at Paddle before it.</param>
/// <param name="Items">What is subscribed to afterwards, complete.</param>
public sealed record PlanChange(
    Plan Plan, PriceOffer Offer, PlanChangeKind Kind, string ProrationMode, string Status, IReadOnlyList<PaddleItem> Items)
{
    /// <summary>What is asked of Paddle. A change whose payment fails is not made.</summary>
    public PaddleSubscriptionChange ToRequest() => new() { Items = Items, ProrationBillingMode = ProrationMode, OnPaymentFailure = "prevent_change" };

    /// <summary>Whether a subscription shows that it was made.</summary>
    /// <param name="subscription">The subscription.</param>
    public bool IsShownBy(PaddleSubscription subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        var shown = subscription.Items.Where(IsRecurring).Select(item => item.Price.Id).ToHashSet(StringComparer.Ordinal);
        return shown.SetEquals(Items.Select(item => item.PriceId));
    }

    internal static bool IsRecurring(PaddleSubscriptionItem item) => item.Price.BillingCycle is not null;

    /// <summary>How a change is charged.</summary>
    /// <param name="kind">Which way it goes.</param>
    /// <param name="isAnotherCycle">Whether the billing cycle changes.</param>
    /// <param name="status">The subscription's status at Paddle.</param>
    /// <param name="options">What the operator wants.</param>
    /// <returns>One of <see cref="PaddleProrationModes"/>.</returns>
    internal static string ModeOf(PlanChangeKind kind, bool isAnotherCycle, string status, ShopOptions options)
    {
        // Nothing is paid for that could be divided, and Paddle takes nothing else.
        if (status is PaddleSubscriptionStatuses.Trialing or PaddleSubscriptionStatuses.Paused)
        {
            return PaddleProrationModes.DoNotBill;
        }

        var wanted = kind == PlanChangeKind.Downgrade ? options.DowngradeProration : options.UpgradeProration;
        // With another cycle a new period begins at once, so nothing can be left for the next one.
        return isAnotherCycle && (wanted is PaddleProrationModes.ProratedNextBillingPeriod or PaddleProrationModes.FullNextBillingPeriod)
            ? PaddleProrationModes.ProratedImmediately
            : wanted;
    }
}

/// <summary>What came of working out a change of plan.</summary>
public abstract record PlanChangeResult
{
    /// <summary>It can be asked of Paddle.</summary>
    /// <param name="Change">The change.</param>
    public sealed record Ready(PlanChange Change) : PlanChangeResult;

    /// <summary>The subscription is in no state for it.</summary>
    /// <param name="Reason">Why.</param>
    public sealed record Refused(SubscriptionRefusal Reason) : PlanChangeResult;

    /// <summary>It cannot be changed to that.</summary>
    /// <param name="Obstacle">Why.</param>
    public sealed record Impossible(PlanChangeObstacle Obstacle) : PlanChangeResult;

    /// <summary>Paddle cannot be asked.</summary>
    /// <param name="Failure">Why.</param>
    public sealed record Failed(PaddleFailure Failure) : PlanChangeResult;
}

/// <summary>Why a subscription cannot be changed to a plan.</summary>
public enum PlanChangeObstacle
{
    /// <summary>There is no such plan, or it is not sold any more.</summary>
    UnknownPlan,

    /// <summary>It is a plan of another product.</summary>
    OtherProduct,

    /// <summary>The plan is not sold at this billing cycle, or is only given.</summary>
    NotSold,

    /// <summary>The payment provider does not know the price yet.</summary>
    NotPushed,

    /// <summary>It is what is subscribed to.</summary>
    Same,

    /// <summary>Nothing that is subscribed to is a plan that is known.</summary>
    NoPlan,

    /// <summary>What else is subscribed to is paid by another billing cycle.</summary>
    OtherItems,
}
