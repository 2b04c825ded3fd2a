using BotGeneric.Billing.Paddle.Events;

namespace BotGeneric.Billing.Paddle;

/// <summary>Registers what belongs to Paddle.</summary>
internal static class PaddleServices
{
    internal static void AddPaddle(this IServiceCollection services)
    {
        services.AddOptions<PaddleOptions>()
            .BindConfiguration(PaddleOptions.SectionName)
            .ValidateDataAnnotations()
            .Validate(
                options => options.WebhookSecrets.Count > 0 && !options.WebhookSecrets.Any(string.IsNullOrWhiteSpace),
                "Paddle:WebhookSecrets is missing or empty. Set Paddle:WebhookSecrets:0 to the secret of the notification destination in Paddle.")
            .ValidateOnStart();
        services.AddSingleton<PaddleMetrics>();
        services.AddSingleton<PaddleInboxSignal>();
        services.AddPaddleEvents();
        services.AddScoped<PaddleInbox>();
        services.AddHostedService<PaddleInboxWorker>();
    }
}
