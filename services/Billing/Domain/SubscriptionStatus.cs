namespace BotGeneric.Billing.Domain;

/// <summary>The local states of a subscription, in the order in which they lead to its end.</summary>
public enum SubscriptionStatus
{
    /// <summary>A state of the provider's that this version does not know; the raw value is kept.</summary>
    Unknown,

    /// <summary>In a trial period.</summary>
    Trialing,

    /// <summary>Paid and running.</summary>
    Active,

    /// <summary>A renewal was not paid; the provider is still trying.</summary>
    PastDue,

    /// <summary>Paused.</summary>
    Paused,

    /// <summary>Over for good.</summary>
    Canceled,
}

/// <summary>Where a subscription comes from.</summary>
public enum SubscriptionSource
{
    /// <summary>It is paid at the payment provider, which decides about its state.</summary>
    Paddle,

    /// <summary>An admin gave it; nothing is paid.</summary>
    Comped,
}
