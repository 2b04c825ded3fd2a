using BotGeneric.Policy.Api;
using BotGeneric.Policy.Counting;
using BotGeneric.Policy.Reconciliation;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BotGeneric.Policy.Decisions;

/// <summary>Registers the decision and the counting.</summary>
public static class DecisionServices
{
    /// <summary>Adds what decides and counts. Needs Redis, the database and <see cref="Compilation.ICompiledAccounts"/>.</summary>
    /// <param name="services">The service's services.</param>
    public static void AddDecisions(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<DecisionOptions>().BindConfiguration(DecisionOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();
        services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, DecisionJson.Default));
        services.AddSingleton<PolicyRedis>();
        services.AddSingleton<DecisionClock>();
        services.AddSingleton<OutageAllowance>();
        services.AddSingleton<LedgerSumsReader>();
        services.AddSingleton<HoldSettlement>();
        services.AddSingleton<DecisionEngine>();
        services.AddSingleton<LiveCounters>();
        services.AddSingleton<Refusals>();
        services.AddHostedService(provider => provider.GetRequiredService<Refusals>());
        services.AddScoped<Thresholds>();
        services.AddOptions<ReconciliationOptions>().BindConfiguration(ReconciliationOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<RetentionOptions>().BindConfiguration(RetentionOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<PolicyRetention>();
        services.AddHostedService(provider => provider.GetRequiredService<PolicyRetention>());
        services.AddSingleton<CounterCheck>();
        services.AddSingleton<CounterCheckWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<CounterCheckWorker>());
        services.AddSingleton<LedgerDifferences>();
        services.AddHealthChecks()
            .Add(new HealthCheckRegistration(
                CounterCheckWorker.Name, provider => provider.GetRequiredService<CounterCheckWorker>(), HealthStatus.Degraded, tags: null))
            .Add(new HealthCheckRegistration(
                LedgerDifferences.Name, provider => provider.GetRequiredService<LedgerDifferences>(), HealthStatus.Degraded, tags: null));
    }
}
