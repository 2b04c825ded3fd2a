namespace BotGeneric.Gateway.Routing;

/// <summary>The services behind the gateway, by the names under which service discovery knows them.</summary>
public static class ServiceNames
{
    /// <summary>Users, organizations, sign-in, API keys.</summary>
    public const string Identity = "identity";

    /// <summary>Plans, subscriptions, payments.</summary>
    public const string Billing = "billing";

    /// <summary>Limits and the decision whether something may be done now.</summary>
    public const string Policy = "policy";

    /// <summary>The usage ledger.</summary>
    public const string Usage = "usage";

    /// <summary>Trends and forecasts.</summary>
    public const string Analytics = "analytics";

    /// <summary>Agents, prompts, conversations.</summary>
    public const string Agents = "agents";

    /// <summary>Bots and chats.</summary>
    public const string Telegram = "telegram";

    /// <summary>Messages to people and to customers' webhooks.</summary>
    public const string Notifications = "notifications";

    /// <summary>Web pages.</summary>
    public const string Landing = "landing";

    /// <summary>Every service with an HTTP API, in the order in which people read about them.</summary>
    public static IReadOnlyList<string> WithApi { get; } =
        [Identity, Billing, Policy, Usage, Analytics, Agents, Telegram, Notifications];

    /// <summary>Every service.</summary>
    public static IReadOnlyList<string> All { get; } = [.. WithApi, Landing];
}
