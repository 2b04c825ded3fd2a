namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>What can happen to a subscription. A step that is not possible in its state does nothing.</summary>
internal enum StoryStep
{
    Renew,
    FailToRenew,
    FailAgain,
    Recover,
    Pause,
    Resume,
    Upgrade,
    Downgrade,
    ScheduleCancel,
    Refund,
    RefuseRefund,
    Warn,
    ChargeBack,
    ReverseChargeBack,
    SaveCard,
    BecomeStrange,
    Cancel,

    // The provider may say in two ways that a chargeback was won; ReverseChargeBack says both.
    ReverseByStatus,
    ReverseByAdjustment,
}

/// <summary>An event of Paddle's.</summary>
internal sealed record StoryEvent(string EventId, string EventType, DateTimeOffset OccurredAt, string Body);
