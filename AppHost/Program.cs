// What runs, and what waits for what. Compiles unchanged against Aspire (UseAspire=true) and against the native engine.
using BotGeneric.AppHost;
using Microsoft.Extensions.Hosting;

var builder = DistributedApplication.CreateBuilder(args);
var isProduction = builder.Environment.IsProduction();
var paddleIsConfigured = !string.IsNullOrEmpty(builder.Configuration[$"Parameters:{ResourceNames.PaddleWebhookSecret}"]);

var postgres = builder.AddPostgres(ResourceNames.Postgres).WithDataVolume();
var redis = builder.AddRedis(ResourceNames.Redis).WithDataVolume().WithPersistence();
var rabbitMq = builder.AddRabbitMQ(ResourceNames.RabbitMq).WithDataVolume();

// Generated ones have names of their own: a value persisted under the configured name would look like a vendor account at the next start.
var paddleWebhookSecret = isProduction || paddleIsConfigured
    ? builder.AddParameter(ResourceNames.PaddleWebhookSecret, secret: true)
    : builder.AddParameter(ResourceNames.SimulatedPaddleWebhookSecret, Generated(), secret: true, persist: true);
var developmentApiKey = isProduction
    ? null
    : builder.AddParameter(ResourceNames.DevelopmentApiKey, Generated(), secret: true, persist: true);

var identity = AddService(ResourceNames.Identity, "../services/Identity/BotGeneric.Identity.csproj", ResourceNames.IdentityDatabase);
var billing = AddService(ResourceNames.Billing, "../services/Billing/BotGeneric.Billing.csproj", ResourceNames.BillingDatabase)
    .WithEnvironment("Paddle__WebhookSecrets__0", paddleWebhookSecret);
var policy = AddService(ResourceNames.Policy, "../services/Policy/BotGeneric.Policy.csproj", ResourceNames.PolicyDatabase)
    .WithReference(redis).WaitFor(redis);
var usage = AddService(ResourceNames.Usage, "../services/Usage/BotGeneric.Usage.csproj", ResourceNames.UsageDatabase);
var analytics = AddService(ResourceNames.Analytics, "../services/Analytics/BotGeneric.Analytics.csproj", ResourceNames.AnalyticsDatabase);
var agents = AddService(ResourceNames.Agents, "../services/Agents/BotGeneric.Agents.csproj", ResourceNames.AgentsDatabase);
var telegram = AddService(ResourceNames.Telegram, "../services/Telegram/BotGeneric.Telegram.csproj", ResourceNames.TelegramDatabase);
var notifications = AddService(
    ResourceNames.Notifications, "../services/Notifications/BotGeneric.Notifications.csproj", ResourceNames.NotificationsDatabase);
var landing = AddHost(ResourceNames.Landing, "../services/Landing/BotGeneric.Landing.csproj");

// The one fixed address. Port 0 asks for a free one, for tests and for a second copy on the same machine.
if (!int.TryParse(builder.Configuration["Gateway:Port"] ?? "8080", out var gatewayPort) || gatewayPort is < 0 or > 65535)
{
    Console.Error.WriteLine($"Gateway:Port is '{builder.Configuration["Gateway:Port"]}'. Set it to a port from 1 to 65535, or to 0 for a free one.");
    return 1;
}

var gateway = AddHost(ResourceNames.Gateway, "../gateway/BotGeneric.Gateway.csproj", gatewayPort == 0 ? null : gatewayPort, isExternal: true);
foreach (var service in new[] { identity, billing, policy, usage, analytics, agents, telegram, notifications, landing })
{
    // No WaitFor: the gateway starts beside the services and reports each one's health at /status.
    gateway.WithReference(service);
}

if (!isProduction && !paddleIsConfigured)
{
    AddHost(ResourceNames.Simulators, "../tests/Simulators/BotGeneric.Simulators.csproj")
        .WithEnvironment("Paddle__WebhookSecret", paddleWebhookSecret)
        .WithEnvironment("Paddle__WebhookUrl", ReferenceExpression.Create($"{gateway.GetEndpoint("http")}/webhooks/paddle"))
        .WithReference(gateway);
}

builder.Build().Run();
// The native engine says here why it could not start or run.
return Environment.ExitCode;

// A service that owns a database and takes part in the exchange of events.
IResourceBuilder<ProjectResource> AddService(string name, string projectPath, string databaseName)
{
    var database = postgres.AddDatabase(databaseName);
    var service = AddHost(name, projectPath)
        .WithReference(database).WaitFor(database)
        .WithReference(rabbitMq).WaitFor(rabbitMq);
    // In production migrations are a step of the deployment: the service is started once with --migrate.
    return isProduction ? service : service.WithEnvironment("Database__MigrateOnStart", "true");
}

IResourceBuilder<ProjectResource> AddHost(string name, string projectPath, int? port = null, bool isExternal = false)
{
    var host = builder.AddProject(name, projectPath, launchProfileName: null)
        .WithHttpEndpoint(port: port, targetPort: port, isProxied: port is null);
    if (isExternal)
    {
        // Before the management endpoint is there: it must stay inside.
        host.WithExternalHttpEndpoints();
    }

    host.WithHttpEndpoint(name: "management", env: "Management__Port")
        .WithHttpHealthCheck("/health")
        .WithEnvironment("ASPNETCORE_ENVIRONMENT", builder.Environment.EnvironmentName);
    return developmentApiKey is null ? host : host.WithEnvironment("Authentication__DevelopmentApiKey", developmentApiKey);
}

static GenerateParameterDefault Generated() => new() { MinLength = 32, Special = false };
