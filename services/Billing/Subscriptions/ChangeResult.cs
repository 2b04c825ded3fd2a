using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle.Client;

namespace BotGeneric.Billing.Subscriptions;

/// <summary>What came of a subscriber's wish.</summary>
public abstract record ChangeResult
{
    /// <summary>It is done.</summary>
    /// <param name="Subscription">The subscription as it is now.</param>
    public sealed record Done(Subscription Subscription) : ChangeResult;

    /// <summary>The subscription is in no state for it.</summary>
    /// <param name="Reason">Why.</param>
    public sealed record Refused(SubscriptionRefusal Reason) : ChangeResult;

    /// <summary>Paddle did not do it, or it is not known whether it did.</summary>
    /// <param name="Failure">Why.</param>
    public sealed record Failed(PaddleFailure Failure) : ChangeResult;
}
