namespace BotGeneric.AppHost;

/// <summary>The names of everything that runs: in connection strings, service discovery, logs, traces and metrics.</summary>
internal static class ResourceNames
{
    public const string Postgres = "postgres";
    public const string Redis = "redis";
    public const string RabbitMq = "rabbitmq";

    public const string IdentityDatabase = "identity-db";
    public const string BillingDatabase = "billing-db";
    public const string PolicyDatabase = "policy-db";
    public const string UsageDatabase = "usage-db";
    public const string AnalyticsDatabase = "analytics-db";
    public const string AgentsDatabase = "agents-db";
    public const string TelegramDatabase = "telegram-db";
    public const string NotificationsDatabase = "notifications-db";
    public const string GatewayDatabase = "gateway-db";

    public const string Identity = "identity";
    public const string Billing = "billing";
    public const string Policy = "policy";
    public const string Usage = "usage";
    public const string Analytics = "analytics";
    public const string Agents = "agents";
    public const string Telegram = "telegram";
    public const string Notifications = "notifications";
    public const string Landing = "landing";
    public const string Gateway = "gateway";
    public const string Simulators = "simulators";

    public const string GatewayClientSecret = "gateway-client-secret";
    public const string BillingReferenceKey = "billing-reference-key";
    public const string DataProtectionCertificate = "data-protection-certificate";
    public const string DevelopmentAdminEmail = "development-admin-email";
    public const string DevelopmentAdminPassword = "development-admin-password";
    public const string DevelopmentAdminKey = "development-admin-key";
    public const string PaddleWebhookSecret = "paddle-webhook-secret";
    public const string PaddleApiKey = "paddle-api-key";
    public const string PaddleEnvironment = "paddle-environment";
    public const string SimulatedPaddleWebhookSecret = "simulated-paddle-webhook-secret";
    public const string SimulatedPaddleApiKey = "simulated-paddle-api-key";
    public const string SmtpHost = "smtp-host";
    public const string SmtpPort = "smtp-port";
    public const string SmtpUser = "smtp-user";
    public const string SmtpPassword = "smtp-password";
    public const string EmailFrom = "email-from";
}
