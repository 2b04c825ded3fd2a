using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Catalogue;

/// <summary>Registers the plans.</summary>
internal static class CatalogueServices
{
    internal static void AddCatalogue(this IServiceCollection services)
    {
        services.AddOptions<BillingOptions>().BindConfiguration(BillingOptions.SectionName).ValidateOnStart();
        services.AddSingleton<IValidateOptions<BillingOptions>, BillingOptionsValidator>();
        services.AddSingleton<Currencies>();
        services.AddScoped<PlanCatalogue>();
        services.AddHostedService<InitialPlansService>();
    }
}
