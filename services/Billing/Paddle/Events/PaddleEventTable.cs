using System.Collections.Frozen;

namespace BotGeneric.Billing.Paddle.Events;

/// <summary>Which family each type of event belongs to. A type that is not here is kept and ignored; once a version knows it, it can be replayed.</summary>
internal static class PaddleEventTable
{
    private static readonly FrozenDictionary<string, Type> Families = new Dictionary<string, Type>(StringComparer.Ordinal)
    {
        ["subscription.created"] = typeof(SubscriptionEvents),
        ["subscription.updated"] = typeof(SubscriptionEvents),
        ["subscription.activated"] = typeof(SubscriptionEvents),
        ["subscription.trialing"] = typeof(SubscriptionEvents),
        ["subscription.past_due"] = typeof(SubscriptionEvents),
        ["subscription.paused"] = typeof(SubscriptionEvents),
        ["subscription.resumed"] = typeof(SubscriptionEvents),
        ["subscription.canceled"] = typeof(SubscriptionEvents),
        ["subscription.imported"] = typeof(SubscriptionEvents),
        ["transaction.created"] = typeof(TransactionEvents),
        ["transaction.updated"] = typeof(TransactionEvents),
        ["transaction.ready"] = typeof(TransactionEvents),
        ["transaction.billed"] = typeof(TransactionEvents),
        ["transaction.paid"] = typeof(TransactionEvents),
        ["transaction.completed"] = typeof(TransactionEvents),
        ["transaction.canceled"] = typeof(TransactionEvents),
        ["transaction.past_due"] = typeof(TransactionEvents),
        ["transaction.payment_failed"] = typeof(TransactionEvents),
        ["transaction.revised"] = typeof(TransactionEvents),
        ["adjustment.created"] = typeof(AdjustmentEvents),
        ["adjustment.updated"] = typeof(AdjustmentEvents),
        ["customer.created"] = typeof(CustomerEvents),
        ["customer.updated"] = typeof(CustomerEvents),
        ["customer.imported"] = typeof(CustomerEvents),
        ["payment_method.saved"] = typeof(PaymentMethodEvents),
        ["payment_method.deleted"] = typeof(PaymentMethodEvents),
        ["product.created"] = typeof(ProductEvents),
        ["product.updated"] = typeof(ProductEvents),
        ["product.imported"] = typeof(ProductEvents),
        ["price.created"] = typeof(PriceEvents),
        ["price.updated"] = typeof(PriceEvents),
        ["price.imported"] = typeof(PriceEvents),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Registers every family.</summary>
    internal static void AddPaddleEvents(this IServiceCollection services)
    {
        foreach (var family in Families.Values.Distinct())
        {
            services.AddScoped(family);
        }
    }

    /// <summary>The handler of a type of event.</summary>
    /// <param name="services">The scope of the event.</param>
    /// <param name="eventType">The dotted type.</param>
    /// <returns>The handler; null when nothing depends on the type.</returns>
    internal static IPaddleEventHandler? Find(IServiceProvider services, string eventType) =>
        Families.TryGetValue(eventType, out var family) ? (IPaddleEventHandler)services.GetRequiredService(family) : null;
}
