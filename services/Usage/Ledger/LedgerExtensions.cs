using BotGeneric.Usage.Corrections;
using BotGeneric.Usage.Ingest;
using BotGeneric.Usage.Meters;

namespace BotGeneric.Usage.Ledger;

/// <summary>Registers the ledger.</summary>
internal static class LedgerExtensions
{
    /// <summary>Adds what reads events and records them.</summary>
    /// <param name="services">The service's registrations.</param>
    public static void AddLedger(this IServiceCollection services)
    {
        services.AddOptions<UsageOptions>().BindConfiguration(UsageOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<MeterCatalogue>();
        services.AddSingleton<CloudEventReader>();
        services.AddSingleton<LedgerQueue>();
        services.AddSingleton<LedgerMonths>();
        services.AddSingleton<LedgerAppend>();
        services.AddScoped<MeterCorrections>();
        services.AddScoped<LedgerCorrections>();
        services.AddHostedService<LedgerPartitionWorker>();
        services.AddHostedService<LedgerWriter>();
    }
}
