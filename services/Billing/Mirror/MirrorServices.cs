using BotGeneric.Billing.Background;
using BotGeneric.Billing.Checkouts;
using BotGeneric.Billing.Subscriptions;

namespace BotGeneric.Billing.Mirror;

/// <summary>Registers what takes over what the provider says.</summary>
internal static class MirrorServices
{
    internal static void AddMirror(this IServiceCollection services)
    {
        services.AddSingleton<CheckoutReferences>();
        services.AddSingleton<MirrorMetrics>();
        services.AddScoped<CheckoutProgress>();
        services.AddScoped<PlanLookup>();
        services.AddScoped<PaymentAnnouncer>();
        services.AddScoped<Settlement>();
        services.AddScoped<Payers>();
        services.AddScoped<SubscriptionMirror>();
        services.AddScoped<TransactionMirror>();
        services.AddScoped<AdjustmentMirror>();
        services.AddScoped<CustomerMirror>();
        services.AddScoped<CatalogueMirror>();
        services.AddSingleton<BackgroundMetrics>();
        services.AddScoped<AccessEnd>();
        services.AddSingleton<AccessEnds>();
        services.AddHostedService<AccessEndWorker>();
    }
}
