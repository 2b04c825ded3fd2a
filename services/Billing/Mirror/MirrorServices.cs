using BotGeneric.Billing.Background;
using BotGeneric.Billing.Checkouts;
using BotGeneric.Billing.Subscriptions;
using BotGeneric.ServiceDefaults.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BotGeneric.Billing.Mirror;

/// <summary>Registers what takes over what the provider says.</summary>
internal static class MirrorServices
{
    internal static void AddMirror(this IServiceCollection services)
    {
        services.AddSingleton<CheckoutReferences>();
        services.AddSingleton<MirrorMetrics>();
        services.AddSingleton<HeldLocks>();
        services.AddScoped<MirrorLocks>();
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
        services.AddSingleton<UnknownStatuses>();
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            UnknownStatuses.Name, provider => provider.GetRequiredService<UnknownStatuses>(), HealthStatus.Degraded, tags: null, HealthExtensions.CheckTimeout));
        services.AddSingleton<BackgroundMetrics>();
        services.AddScoped<AccessEnd>();
        services.AddSingleton<AccessEnds>();
        services.AddHostedService<AccessEndWorker>();
    }
}
