using BotGeneric.Usage.Invariants;
using BotGeneric.Usage.Prices;
using BotGeneric.Usage.Queries;
using BotGeneric.Usage.Rollups;
using BotGeneric.Usage.Totals;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BotGeneric.Usage;

/// <summary>Registers the parts of the service that stand behind the ledger.</summary>
internal static class UsageServices
{
    /// <summary>What calls cost.</summary>
    /// <param name="services">The services.</param>
    public static void AddPrices(this IServiceCollection services)
    {
        services.AddSingleton<UnpricedModels>();
        services.AddSingleton<PriceBook>();
        services.AddSingleton<IPriceBook>(provider => provider.GetRequiredService<PriceBook>());
        services.AddSingleton<UnpricedCalls>();
        services.AddSingleton<Repricing>();
        services.AddScoped<PriceCatalogue>();
        services.AddScoped<PriceImport>();
        services.AddHostedService<StartingPrices>();
        services.AddSingleton<UnpricedHealth>();
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            UnpricedHealth.Name, provider => provider.GetRequiredService<UnpricedHealth>(), HealthStatus.Degraded, tags: null));
    }

    /// <summary>Sums of the ledger, how they are kept right, and what is answered from them.</summary>
    /// <param name="services">The services.</param>
    public static void AddRollups(this IServiceCollection services)
    {
        services.AddOptions<RollupOptions>().BindConfiguration(RollupOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<RollupFolder>();
        services.AddSingleton<RollupRebuild>();
        services.AddSingleton<LedgerRetention>();
        services.AddHostedService<RollupWorker>();
        services.AddHostedService<RebuildWorker>();
        services.AddHostedService<RetentionWorker>();
        services.AddSingleton<UsageReader>();
        services.AddSingleton<MeterReader>();
        services.AddSingleton<UsageQueries>();
        services.AddSingleton<UsageSummaries>();
        services.AddSingleton<AccountTotalsReader>();
        services.AddSingleton<TotalsReader>();
        services.AddSingleton<TotalsTeller>();
        services.AddHostedService<TotalsWorker>();
        services.AddSingleton<InvariantCheck>();
        services.AddSingleton<InvariantWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<InvariantWorker>());
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            InvariantWorker.Name, provider => provider.GetRequiredService<InvariantWorker>(), HealthStatus.Degraded, tags: null));
    }
}
