// What runs, and what waits for what. Compiles unchanged against Aspire (UseAspire=true) and against the native engine.
using BotGeneric.AppHost;

var builder = DistributedApplication.CreateBuilder(args);
// The one fixed address. Port 0 asks for a free one, for tests and for a second copy on the same machine.
if (!int.TryParse(builder.Configuration["Gateway:Port"] ?? "8080", out var gatewayPort) || gatewayPort is < 0 or > 65535)
{
    Console.Error.WriteLine($"Gateway:Port is '{builder.Configuration["Gateway:Port"]}'. Set it to a port from 1 to 65535, or to 0 for a free one.");
    return 1;
}

if (PublicOrigin.FaultOf(builder) is { } fault)
{
    Console.Error.WriteLine(fault);
    return 1;
}

var postgres = builder.AddPostgres(ResourceNames.Postgres).WithDataVolume();
var redis = builder.AddRedis(ResourceNames.Redis).WithDataVolume().WithPersistence();
var rabbitMq = builder.AddRabbitMQ(ResourceNames.RabbitMq).WithDataVolume();
var hosts = new Hosts(builder, postgres, rabbitMq);
var settings = new Settings(builder);

var identity = hosts.AddService(ResourceNames.Identity, "../services/Identity/BotGeneric.Identity.csproj", ResourceNames.IdentityDatabase)
    .WithReference(redis).WaitFor(redis)
    .WithEnvironment("Clients__Gateway__Secret", settings.GatewayClientSecret);
var billing = hosts.AddService(ResourceNames.Billing, "../services/Billing/BotGeneric.Billing.csproj", ResourceNames.BillingDatabase)
    .WithEnvironment("Paddle__WebhookSecrets__0", settings.PaddleWebhookSecret)
    .WithEnvironment("Billing__ReferenceKeys__0", settings.BillingReferenceKey);
var policy = hosts.AddService(ResourceNames.Policy, "../services/Policy/BotGeneric.Policy.csproj", ResourceNames.PolicyDatabase)
    .WithReference(redis).WaitFor(redis);
var usage = hosts.AddService(ResourceNames.Usage, "../services/Usage/BotGeneric.Usage.csproj", ResourceNames.UsageDatabase);
var analytics = hosts.AddService(ResourceNames.Analytics, "../services/Analytics/BotGeneric.Analytics.csproj", ResourceNames.AnalyticsDatabase);
var agents = hosts.AddService(ResourceNames.Agents, "../services/Agents/BotGeneric.Agents.csproj", ResourceNames.AgentsDatabase);
var telegram = hosts.AddService(ResourceNames.Telegram, "../services/Telegram/BotGeneric.Telegram.csproj", ResourceNames.TelegramDatabase);
var notifications = hosts.AddService(
    ResourceNames.Notifications, "../services/Notifications/BotGeneric.Notifications.csproj", ResourceNames.NotificationsDatabase);
var landing = hosts.Add(ResourceNames.Landing, "../services/Landing/BotGeneric.Landing.csproj");

var gateway = hosts.AddGateway("../gateway/BotGeneric.Gateway.csproj", gatewayPort)
    .WithReference(redis)
    .WithEnvironment("Session__ClientSecret", settings.GatewayClientSecret);
foreach (var service in new[] { identity, billing, policy, usage, analytics, agents, telegram, notifications, landing })
{
    // No WaitFor: the gateway starts beside the services and reports each one's health at /status.
    gateway.WithReference(service);
}

// For the replay of draft policies over recorded usage.
policy.WithReference(usage);
foreach (var service in new[] { billing, policy, usage, analytics, agents, telegram, notifications, landing, gateway })
{
    // For the keys that tokens are signed with.
    service.WithReference(identity);
}

settings.NamePublicOrigin(hosts.All, gateway);
settings.NameOperator(notifications);
settings.ProtectKeyRings(identity, notifications, gateway);
settings.AddFirstAdmin(identity);
settings.ConnectPaddle(billing);
settings.ConnectMailServer(notifications);
settings.ConnectSignInProviders(identity);
if (settings.NeedsSimulators)
{
    var simulators = hosts.Add(ResourceNames.Simulators, "../tests/Simulators/BotGeneric.Simulators.csproj").WithReference(gateway);
    new Simulation(settings, simulators, gateway).StandIn(identity, billing, notifications);
}

builder.Build().Run();
// The native engine says here why it could not start or run.
return Environment.ExitCode;
