using BotGeneric.Billing.Paddle.Client;
using BotGeneric.Billing.Paddle.Edge;
using BotGeneric.Billing.Paddle.Events;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Paddle;

/// <summary>Registers what belongs to Paddle.</summary>
internal static class PaddleServices
{
    internal static void AddPaddle(this IServiceCollection services)
    {
        services.AddOptions<PaddleOptions>()
            .BindConfiguration(PaddleOptions.SectionName)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<PaddleOptions>, PaddleOptionsValidator>();
        services.AddPaddleClient();
        services.AddSingleton<PaddleMetrics>();
        services.AddSingleton<PaddleRefusalLog>();
        services.AddSingleton<PaddleSources>();
        services.AddSingleton<PaddleWebhookGuard>();
        services.AddHostedService<PaddleSourceRefresher>();
        services.AddSingleton<PaddleInboxSignal>();
        services.AddPaddleEvents();
        services.AddScoped<PaddleInbox>();
        services.AddHostedService<PaddleInboxWorker>();
        services.AddSingleton<PaddleInboxWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<PaddleInboxWatch>());
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            PaddleInboxWatch.Name, provider => provider.GetRequiredService<PaddleInboxWatch>(), HealthStatus.Degraded, tags: null));
    }
}
