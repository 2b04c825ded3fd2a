// What runs, and what waits for what. Compiles unchanged against Aspire (UseAspire=true) and against the native engine.
using BotGeneric.AppHost;
using Microsoft.Extensions.Hosting;

var builder = DistributedApplication.CreateBuilder(args);
var isProduction = builder.Environment.IsProduction();
var paddleIsConfigured = !string.IsNullOrEmpty(builder.Configuration[$"Parameters:{ResourceNames.PaddleWebhookSecret}"]);
var smtpIsConfigured = isProduction || !string.IsNullOrEmpty(builder.Configuration[$"Parameters:{ResourceNames.SmtpHost}"]);

var postgres = builder.AddPostgres(ResourceNames.Postgres).WithDataVolume();
var redis = builder.AddRedis(ResourceNames.Redis).WithDataVolume().WithPersistence();
var rabbitMq = builder.AddRabbitMQ(ResourceNames.RabbitMq).WithDataVolume();

// Generated ones have names of their own: a value persisted under the configured name would look like a vendor account at the next start.
var paddleWebhookSecret = isProduction || paddleIsConfigured
    ? builder.AddParameter(ResourceNames.PaddleWebhookSecret, secret: true)
    : builder.AddParameter(ResourceNames.SimulatedPaddleWebhookSecret, Generated(), secret: true, persist: true);

var hosts = new List<IResourceBuilder<ProjectResource>>();

// The gateway's own, at the token server. In production it is configured, so that a deployment elsewhere can have the same.
var gatewayClientSecret = isProduction
    ? builder.AddParameter(ResourceNames.GatewayClientSecret, secret: true)
    : builder.AddParameter(ResourceNames.GatewayClientSecret, Generated(), secret: true, persist: true);

var identity = AddService(ResourceNames.Identity, "../services/Identity/BotGeneric.Identity.csproj", ResourceNames.IdentityDatabase)
    .WithEnvironment("Clients__Gateway__Secret", gatewayClientSecret);
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

var gatewayDatabase = postgres.AddDatabase(ResourceNames.GatewayDatabase);
var gateway = AddHost(ResourceNames.Gateway, "../gateway/BotGeneric.Gateway.csproj", gatewayPort == 0 ? null : gatewayPort, isExternal: true)
    .WithReference(gatewayDatabase).WaitFor(gatewayDatabase)
    .WithReference(redis)
    .WithReference(rabbitMq)
    .WithEnvironment("Session__ClientSecret", gatewayClientSecret);
// Tokens are issued by the public origin. Behind a proxy with TLS that is configured; without one it is the gateway itself.
var issuer = builder.Configuration["Authentication:Issuer"];
if (string.IsNullOrEmpty(issuer))
{
    gateway.WithEnvironment("Authentication__Issuer", ReferenceExpression.Create($"{gateway.GetEndpoint("http")}/"));
}
else
{
    gateway.WithEnvironment("Authentication__Issuer", issuer);
}

if (isProduction)
{
    gateway.WithEnvironment("DataProtection__Certificate", builder.AddParameter(ResourceNames.DataProtectionCertificate, secret: true));
}
else
{
    gateway.WithEnvironment("Database__MigrateOnStart", "true");
}

foreach (var service in new[] { identity, billing, policy, usage, analytics, agents, telegram, notifications, landing })
{
    // No WaitFor: the gateway starts beside the services and reports each one's health at /status.
    gateway.WithReference(service);
}

// In whose name messages are written, and where their links may lead.
notifications.WithEnvironment("Operator__Name", builder.Configuration["Operator:Name"] ?? "Bot-Generic");
if (builder.Configuration["Operator:SupportEmail"] is { Length: > 0 } supportEmail)
{
    notifications.WithEnvironment("Operator__SupportEmail", supportEmail);
}

if (builder.Configuration["Operator:PublicUrl"] is { Length: > 0 } publicUrl)
{
    notifications.WithEnvironment("Operator__PublicUrl", publicUrl);
}
else if (!isProduction)
{
    notifications.WithEnvironment("Operator__PublicUrl", gateway.GetEndpoint("http"));
}

if (smtpIsConfigured)
{
    AddMailServer();
}

if (!isProduction && !(paddleIsConfigured && smtpIsConfigured))
{
    // Each stand-in is on only where the real thing is not configured.
    var simulators = AddHost(ResourceNames.Simulators, "../tests/Simulators/BotGeneric.Simulators.csproj").WithReference(gateway);
    if (!paddleIsConfigured)
    {
        simulators
            .WithEnvironment("Paddle__WebhookSecret", paddleWebhookSecret)
            .WithEnvironment("Paddle__WebhookUrl", ReferenceExpression.Create($"{gateway.GetEndpoint("http")}/webhooks/paddle"));
    }

    if (!smtpIsConfigured)
    {
        var smtp = simulators.WithEndpoint(scheme: "tcp", name: "smtp", env: "Smtp__Port").GetEndpoint("smtp");
        // No WaitFor: the simulators know the gateway, and messages wait for their server.
        notifications
            .WithEnvironment("Email__Host", ReferenceExpression.Create($"{smtp.Property(EndpointProperty.Host)}"))
            .WithEnvironment("Email__Port", ReferenceExpression.Create($"{smtp.Property(EndpointProperty.Port)}"))
            .WithEnvironment("Email__Security", "none")
            .WithEnvironment("Email__From", "no-reply@bot.example");
    }
}

// The public origin is the name under which tokens are issued, so everybody who checks one must know it. Behind a proxy of one's own it is
// another one than the gateway's.
foreach (var host in hosts)
{
    _ = builder.Configuration["PublicUrl"] is { Length: > 0 } origin
        ? host.WithEnvironment("Authentication__Issuer", origin)
        : host.WithEnvironment("Authentication__Issuer", gateway.GetEndpoint("http"));
}

builder.Build().Run();
return 0;

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

// The operator's own mail server. Port, user and password have to be named only where they are needed.
void AddMailServer()
{
    notifications
        .WithEnvironment("Email__Host", builder.AddParameter(ResourceNames.SmtpHost))
        .WithEnvironment("Email__From", builder.AddParameter(ResourceNames.EmailFrom));
    foreach (var (name, key, secret) in new[]
    {
        (ResourceNames.SmtpPort, "Email__Port", false), (ResourceNames.SmtpUser, "Email__User", false), (ResourceNames.SmtpPassword, "Email__Password", true),
    })
    {
        if (!string.IsNullOrEmpty(builder.Configuration[$"Parameters:{name}"]))
        {
            notifications.WithEnvironment(key, builder.AddParameter(name, secret: secret));
        }
    }
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
    hosts.Add(host);
    return host;
}

static GenerateParameterDefault Generated() => new() { MinLength = 32, Special = false };
