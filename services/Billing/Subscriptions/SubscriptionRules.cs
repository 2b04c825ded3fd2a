using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;

namespace BotGeneric.Billing.Subscriptions;

/// <summary>What a subscriber can do with a subscription.</summary>
public enum SubscriptionAction
{
    /// <summary>Change to another plan or billing cycle.</summary>
    ChangePlan,

    /// <summary>Not renew it: it goes on until the end of what is paid for.</summary>
    CancelAtPeriodEnd,

    /// <summary>End it now, for good.</summary>
    CancelNow,

    /// <summary>Take back a cancellation or pause that is still to come.</summary>
    Undo,

    /// <summary>Pause it from the end of the period on.</summary>
    Pause,

    /// <summary>Take it up again after a pause.</summary>
    Resume,

    /// <summary>End the trial and begin to pay.</summary>
    Activate,

    /// <summary>Pay what is missing, or pay in another way from now on.</summary>
    UpdatePayment,

    /// <summary>Open the payment provider's own pages.</summary>
    Portal,
}

/// <summary>Why something cannot be done with a subscription; each has a sentence for people.</summary>
public enum SubscriptionRefusal
{
    /// <summary>It was given, and nothing is paid.</summary>
    Given,

    /// <summary>It is over for good.</summary>
    Over,

    /// <summary>A payment is missing: that has to be paid first.</summary>
    PastDue,

    /// <summary>While a payment is missing or it is paused there is no period at whose end it could be canceled: only now.</summary>
    OnlyNow,

    /// <summary>It is paused.</summary>
    IsPaused,

    /// <summary>It is not paused.</summary>
    NotPaused,

    /// <summary>It is not in a trial.</summary>
    NotTrialing,

    /// <summary>Something is to happen by itself, and has to be taken back first.</summary>
    ChangeAhead,

    /// <summary>Nothing is to happen that could be taken back.</summary>
    NothingAhead,

    /// <summary>It is paid by invoices.</summary>
    Invoiced,

    /// <summary>The payment provider reports a state that this version does not know.</summary>
    UnknownState,
}

/// <summary>
/// What can be done with a subscription in its present state. The payment provider has the last word; this keeps what it would refuse from being offered,
/// and says why in terms that people understand.
/// </summary>
public static class SubscriptionRules
{
    private static readonly SubscriptionAction[] All = Enum.GetValues<SubscriptionAction>();

    /// <summary>What can be done.</summary>
    /// <param name="subscription">The subscription.</param>
    public static IReadOnlyList<SubscriptionAction> Possible(Subscription subscription) =>
        [.. All.Where(action => Refuse(subscription, action) is null)];

    /// <summary>Why something cannot be done.</summary>
    /// <param name="subscription">The subscription.</param>
    /// <param name="action">What.</param>
    /// <returns>The reason; null when it can.</returns>
    public static SubscriptionRefusal? Refuse(Subscription subscription, SubscriptionAction action)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        var state = subscription.State;
        return state.Status switch
        {
            // Invoices are still there when it is over.
            _ when action == SubscriptionAction.Portal => subscription.Source == SubscriptionSource.Comped ? SubscriptionRefusal.Given : null,
            SubscriptionStatus.Canceled => SubscriptionRefusal.Over,
            _ when subscription.Source == SubscriptionSource.Comped => SubscriptionRefusal.Given,
            SubscriptionStatus.Unknown => SubscriptionRefusal.UnknownState,
            _ => action switch
            {
                SubscriptionAction.ChangePlan => state.Status == SubscriptionStatus.PastDue ? SubscriptionRefusal.PastDue : WhatIsAhead(state),
                SubscriptionAction.CancelAtPeriodEnd => RefuseCancelAtPeriodEnd(state),
                SubscriptionAction.CancelNow => null,
                SubscriptionAction.Undo => state.ScheduledChange is null ? SubscriptionRefusal.NothingAhead : null,
                SubscriptionAction.Pause => RefusePause(state),
                SubscriptionAction.Resume => state.Status == SubscriptionStatus.Paused ? null : SubscriptionRefusal.NotPaused,
                SubscriptionAction.Activate => RefuseActivate(state),
                _ => IsInvoiced(state) ? SubscriptionRefusal.Invoiced : state.Status == SubscriptionStatus.Paused ? SubscriptionRefusal.IsPaused : null,
            },
        };
    }

    private static SubscriptionRefusal? RefuseCancelAtPeriodEnd(SubscriptionState state) =>
        state.Status is SubscriptionStatus.PastDue or SubscriptionStatus.Paused ? SubscriptionRefusal.OnlyNow
        : state.ScheduledChange is { Action: not PaddleScheduledActions.Cancel } ? SubscriptionRefusal.ChangeAhead
        : null;

    private static SubscriptionRefusal? RefusePause(SubscriptionState state) => state.Status switch
    {
        SubscriptionStatus.PastDue => SubscriptionRefusal.PastDue,
        SubscriptionStatus.Paused => SubscriptionRefusal.IsPaused,
        _ => state.ScheduledChange is { Action: not PaddleScheduledActions.Pause } ? SubscriptionRefusal.ChangeAhead : null,
    };

    private static SubscriptionRefusal? RefuseActivate(SubscriptionState state) =>
        state.Status != SubscriptionStatus.Trialing ? SubscriptionRefusal.NotTrialing
        : IsInvoiced(state) ? SubscriptionRefusal.Invoiced
        : WhatIsAhead(state);

    private static SubscriptionRefusal? WhatIsAhead(SubscriptionState state) => state.ScheduledChange is null ? null : SubscriptionRefusal.ChangeAhead;

    private static bool IsInvoiced(SubscriptionState state) => state.CollectionMode == "manual";
}
