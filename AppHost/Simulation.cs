using System.Security.Cryptography;

namespace BotGeneric.AppHost;

/// <summary>Puts the simulators in the place of every vendor that is not configured. No service knows the difference.</summary>
internal sealed class Simulation(Settings settings, IResourceBuilder<ProjectResource> simulators, IResourceBuilder<ProjectResource> gateway)
{
    public void StandIn(
        IResourceBuilder<ProjectResource> identity, IResourceBuilder<ProjectResource> billing, IResourceBuilder<ProjectResource> notifications)
    {
        if (!settings.HasPaddle)
        {
            SimulatePaddle(billing);
        }

        if (!settings.HasMailServer)
        {
            var smtp = simulators.WithEndpoint(scheme: "tcp", name: "smtp", env: "Smtp__Port").GetEndpoint("smtp");
            // No WaitFor: the simulators know the gateway, and messages wait for their server.
            notifications
                .WithEnvironment("Email__Host", ReferenceExpression.Create($"{smtp.Property(EndpointProperty.Host)}"))
                .WithEnvironment("Email__Port", ReferenceExpression.Create($"{smtp.Property(EndpointProperty.Port)}"))
                .WithEnvironment("Email__Security", "none")
                .WithEnvironment("Email__From", "no-reply@bot.example");
        }

        simulators
            .WithEnvironment("SignIn__PublicUrl", gateway.GetEndpoint("http"))
            .WithEnvironment("SignIn__Origin", simulators.GetEndpoint("http"));
        if (!settings.HasSignInProvider(SignInProviders.Google))
        {
            SimulateGoogle(identity);
        }

        if (!settings.HasSignInProvider(SignInProviders.Apple))
        {
            SimulateApple(identity);
        }

        if (!settings.HasSignInProvider(SignInProviders.Telegram))
        {
            SimulateTelegram(identity);
        }
    }

    // No WaitFor: the simulators know the gateway, and billing asks Paddle only when somebody buys.
    private void SimulatePaddle(IResourceBuilder<ProjectResource> billing)
    {
        var key = settings.AddSimulatedPaddleKey();
        simulators
            .WithEnvironment("Paddle__WebhookSecret", settings.PaddleWebhookSecret)
            .WithEnvironment("Paddle__WebhookUrl", ReferenceExpression.Create($"{gateway.GetEndpoint("http")}/webhooks/paddle"))
            .WithEnvironment("Paddle__ApiKey", key)
            // Billing remembers what was bought; a Paddle that did not would know nothing of it.
            .WithEnvironment("Paddle__StateFile", Path.Combine(settings.DataFolder, "simulators", "paddle.jsonl"))
            .WithEnvironment("Paddle__CheckoutUrl", ReferenceExpression.Create($"{simulators.GetEndpoint("http")}/paddle/checkout"))
            .WithEnvironment("Paddle__Checkout__SuccessUrl", ReferenceExpression.Create($"{gateway.GetEndpoint("http")}/"));
        billing
            .WithEnvironment("Paddle__ApiKey", key)
            .WithEnvironment("Paddle__ApiUrl", ReferenceExpression.Create($"{simulators.GetEndpoint("http")}/paddle/api/"));
    }

    // The ids and secrets are the ones with which the simulators start; see tests/Simulators/SignIn/README.md.
    private void SimulateGoogle(IResourceBuilder<ProjectResource> identity) => identity
        .WithEnvironment("External__Google__Authority", Authority("google"))
        .WithEnvironment("External__Google__ClientId", "100000000000-development.apps.simulated.invalid")
        .WithEnvironment("External__Google__ClientSecret", "simulated-google-client-secret");

    private void SimulateApple(IResourceBuilder<ProjectResource> identity)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        simulators.WithEnvironment("SignIn__Apple__PublicKey", Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()));
        identity
            .WithEnvironment("External__Apple__Authority", Authority("apple"))
            .WithEnvironment("External__Apple__ClientId", "com.example.development.signin")
            .WithEnvironment("External__Apple__TeamId", "SIMTEAM001")
            .WithEnvironment("External__Apple__KeyId", "SIMKEY0001")
            .WithEnvironment("External__Apple__PrivateKey", key.ExportPkcs8PrivateKeyPem());
    }

    // No name of the bot: nothing plays the chat, and the real Telegram knows no such bot, so the page that connects a chat is not offered.
    private void SimulateTelegram(IResourceBuilder<ProjectResource> identity) => identity
        .WithEnvironment("External__Telegram__Authority", Authority("telegram"))
        .WithEnvironment("External__Telegram__ClientId", "7000000001")
        .WithEnvironment("External__Telegram__ClientSecret", "simulated-telegram-client-secret")
        .WithEnvironment("External__Telegram__BotToken", "7000000001:simulated-bot-token-for-development");

    private ReferenceExpression Authority(string provider) => ReferenceExpression.Create($"{simulators.GetEndpoint("http")}/sign-in/{provider}");
}
