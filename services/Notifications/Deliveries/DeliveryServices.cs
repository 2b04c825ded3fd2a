using BotGeneric.Notifications.Templates;

namespace BotGeneric.Notifications.Deliveries;

/// <summary>Registers what turns requests into sent messages.</summary>
internal static class DeliveryServices
{
    internal static void AddDeliveries(this IServiceCollection services)
    {
        services.AddSingleton<MailRenderer>();
        services.AddSingleton<DeliveryDiagnostics>();
        services.AddSingleton<DeliveryWake>();
        services.AddSingleton<DeliveryCare>();
        services.AddScoped<DeliveryQueue>();
        services.AddHostedService<DeliveryListener>();
        services.AddHostedService<DeliveryWorker>();
    }
}
