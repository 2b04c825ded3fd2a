using BotGeneric.Billing.Payments;
using BotGeneric.Billing.Subscriptions;

namespace BotGeneric.Billing.Api;

/// <summary>Everything that is for those who run the system.</summary>
internal static class BillingAdmin
{
    /// <summary>Registers what stands behind it.</summary>
    /// <param name="services">The services.</param>
    internal static void AddBillingAdmin(this IServiceCollection services)
    {
        services.AddScoped<SubscriptionReader>();
        services.AddScoped<SubscriptionTimelineReader>();
        services.AddScoped<SubscriptionGrants>();
        services.AddScoped<CustomerLinks>();
        services.AddScoped<Revenue>();
        services.AddScoped<Refunds>();
    }

    /// <summary>Maps it.</summary>
    /// <param name="app">The service.</param>
    internal static void MapBillingAdmin(this IEndpointRouteBuilder app)
    {
        app.MapAdminPlansApi();
        app.MapAdminCatalogueApi();
        app.MapAdminSubscriptionsApi();
        app.MapAdminGrantsApi();
        app.MapAdminSubscriptionChangesApi();
        app.MapAdminPaymentsApi();
        app.MapAdminRefundsApi();
        app.MapPaddleInboxApi();
        app.MapPaddleReconciliationApi();
        app.MapPaddleConfigurationApi();
    }
}
