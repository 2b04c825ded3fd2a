using BotGeneric.Billing.Paddle.Client;
using BotGeneric.ServiceDefaults.Validation;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Catalogue;

/// <summary>Registers the plans.</summary>
internal static class CatalogueServices
{
    internal static void AddCatalogue(this IServiceCollection services)
    {
        services.AddOptions<BillingOptions>().BindConfiguration(BillingOptions.SectionName).ValidateEntries(BillingOptions.SectionName).ValidateOnStart();
        services.AddSingleton<IValidateOptions<BillingOptions>, BillingOptionsValidator>();
        services.AddOptions<CatalogueOptions>().BindConfiguration(BillingOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<Currencies>();
        services.AddScoped<PlanCatalogue>();
        services.AddScoped<PlanReader>();
        services.AddScoped<PlanAdministration>();
        services.AddTransient<IPaddleTrialRemoval, PaddleBackfill>();
        services.AddScoped<CatalogueWriter>();
        services.AddSingleton<CatalogueFollowUp>();
        services.AddScoped<CataloguePush>();
        services.AddScoped<PriceAdoption>();
        services.AddScoped<CataloguePull>();
        services.AddHostedService<InitialPlansService>();
        services.AddHostedService<CatalogueStarter>();
        services.AddHostedService<CurrencyWorker>();
    }
}
