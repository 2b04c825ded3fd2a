using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Subscriptions;
using BotGeneric.Contracts.Billing.V1;

namespace BotGeneric.Billing.Api;

/// <summary>What an account has subscribed to.</summary>
/// <param name="Subscription">The subscription to the product; null when there is none.</param>
/// <param name="Others">
/// Further ones that are live: bought a second time for the same product, which is to be refunded, or for other products. They entitle as well.
/// </param>
public sealed record CurrentSubscriptions(SubscriptionView? Subscription, IReadOnlyList<SubscriptionView> Others);

/// <summary>A subscription as its subscriber sees it. Times are UTC.</summary>
/// <param name="Id">Its id.</param>
/// <param name="PlanCode">The plan; null when its price belongs to none that is known.</param>
/// <param name="PlanName">The plan's name, in the reader's language, as it was when it was bought.</param>
/// <param name="PlanVersion">The version of the plan's terms that the subscriber holds; 0 without a plan.</param>
/// <param name="Product">What it is a subscription to.</param>
/// <param name="Source">Whether it is paid or was given.</param>
/// <param name="Status">Its state.</param>
/// <param name="Summary">The state in a sentence or two, in the reader's language.</param>
/// <param name="GrantsAccess">Whether the plan can be used now.</param>
/// <param name="Interval">The unit of the billing cycle; null for what is not paid.</param>
/// <param name="Frequency">How many units make a cycle; null for what is not paid.</param>
/// <param name="Price">What each cycle costs before discounts and, where it is added, tax; null for what is not paid, and where it is not known: in another currency, or of two amounts that countries have in the same one.</param>
/// <param name="StartedAt">Since when it runs.</param>
/// <param name="CurrentPeriodStart">Start of the current period; null while paused.</param>
/// <param name="CurrentPeriodEnd">End of the current period, exclusive; null while paused, and for a gift without an end.</param>
/// <param name="NextPaymentAt">When the next payment is due; null when none is, also when a pause or the end comes first.</param>
/// <param name="TrialEndsAt">When the trial ends; null outside of one.</param>
/// <param name="PastDueSince">Since when a payment is missing.</param>
/// <param name="GraceEndsAt">Until when it can be used although a payment is missing.</param>
/// <param name="ScheduledChange">What will happen by itself.</param>
/// <param name="Entitlements">What it allows.</param>
/// <param name="Actions">What the caller can do with it now. Empty for members of an organization who do not look after its payments.</param>
public sealed record SubscriptionView(
    Guid Id,
    string? PlanCode,
    string? PlanName,
    int PlanVersion,
    string Product,
    SubscriptionSource Source,
    SubscriptionStatus Status,
    string Summary,
    bool GrantsAccess,
    BillingInterval? Interval,
    int? Frequency,
    MoneyAmount? Price,
    DateTimeOffset? StartedAt,
    DateTimeOffset? CurrentPeriodStart,
    DateTimeOffset? CurrentPeriodEnd,
    DateTimeOffset? NextPaymentAt,
    DateTimeOffset? TrialEndsAt,
    DateTimeOffset? PastDueSince,
    DateTimeOffset? GraceEndsAt,
    ScheduledChangeView? ScheduledChange,
    IReadOnlyList<Entitlement> Entitlements,
    IReadOnlyList<SubscriptionAction> Actions);

/// <summary>What will happen to a subscription by itself.</summary>
/// <param name="Action"><c>cancel</c>, <c>pause</c> or <c>resume</c>.</param>
/// <param name="EffectiveAt">When, UTC.</param>
/// <param name="ResumeAt">When a pause ends by itself, UTC; null when it does not.</param>
public sealed record ScheduledChangeView(string Action, DateTimeOffset EffectiveAt, DateTimeOffset? ResumeAt);

/// <summary>What a subscriber is told of a state.</summary>
internal static class SubscriptionSummary
{
    internal static string Of(Subscription subscription)
    {
        var state = subscription.State;
        if (subscription.IsChargedBack)
        {
            return ShopTexts.Text("summary.charged-back");
        }

        if (subscription.Source == SubscriptionSource.Comped && state.Status == SubscriptionStatus.Active)
        {
            return At("summary.given", state.PeriodEnd);
        }

        return state.Status switch
        {
            SubscriptionStatus.Trialing => At($"summary.trialing{Ahead(state)}", state.ScheduledChange?.EffectiveAt ?? state.TrialEndsAt ?? state.NextBilledAt),
            SubscriptionStatus.Active => At($"summary.active{Ahead(state)}", state.ScheduledChange?.EffectiveAt ?? state.NextBilledAt),
            SubscriptionStatus.PastDue => subscription.GrantsAccess ? At("summary.past-due", subscription.GraceEndsAt) : ShopTexts.Text("summary.past-due.over"),
            SubscriptionStatus.Paused => At("summary.paused", state.ScheduledChange?.EffectiveAt),
            SubscriptionStatus.Canceled => At("summary.canceled", state.CanceledAt),
            _ => ShopTexts.Text("summary.unknown"),
        };
    }

    private static string Ahead(SubscriptionState state) => state.ScheduledChange?.Action is "cancel" or "pause" ? $".{state.ScheduledChange.Action}" : string.Empty;

    // With a day where it is known, without one where not.
    private static string At(string key, DateTimeOffset? time) =>
        time is { } known ? ShopTexts.Text($"{key}.at", ShopTexts.Day(known)) : ShopTexts.Text(key);
}
