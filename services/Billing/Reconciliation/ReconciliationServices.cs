using BotGeneric.Billing.Paddle.Client;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BotGeneric.Billing.Reconciliation;

/// <summary>Registers comparisons with the provider.</summary>
internal static class ReconciliationServices
{
    internal static void AddReconciliation(this IServiceCollection services)
    {
        services.AddOptions<ReconciliationOptions>().BindConfiguration(ReconciliationOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();
        services.AddTransient<IPaddleBackfill, PaddleBackfill>();
        services.AddSingleton<ReconciliationMetrics>();
        services.AddSingleton<ReconciliationSignal>();
        services.AddSingleton<ReconciliationRunner>();
        services.AddScoped<ReconciliationSource>();
        services.AddScoped<ReconciliationSchedule>();
        services.AddScoped<MirrorReconciler>();
        services.AddSingleton<ReconciliationWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<ReconciliationWorker>());
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            ReconciliationWorker.Name, provider => provider.GetRequiredService<ReconciliationWorker>(), HealthStatus.Degraded, tags: null));
    }
}
