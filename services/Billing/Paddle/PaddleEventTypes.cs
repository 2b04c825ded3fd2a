namespace BotGeneric.Billing.Paddle;

/// <summary>Names of events. Those with underscores are neither Paddle's past nor its present ones, but plans and scripts use them.</summary>
internal static class PaddleEventTypes
{
    /// <summary>The dotted name for any accepted name. An unknown one stays as it is.</summary>
    internal static string Normalize(string type) => type switch
    {
        "subscription_created" => "subscription.created",
        "subscription_updated" => "subscription.updated",
        "subscription_canceled" or "subscription_cancelled" => "subscription.canceled",
        "subscription_paused" => "subscription.paused",
        "subscription_resumed" => "subscription.resumed",
        "transaction_completed" => "transaction.completed",
        "transaction_failed" => "transaction.payment_failed",
        _ => type,
    };
}
