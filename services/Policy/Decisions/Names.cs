using BotGeneric.Policy.Compilation;

namespace BotGeneric.Policy.Decisions;

/// <summary>Names in answers and events.</summary>
internal static class Names
{
    internal static string Of(LimitScope scope) => scope switch
    {
        LimitScope.Platform => "platform",
        LimitScope.Plan => "plan",
        LimitScope.Organization => "organization",
        LimitScope.User => "user",
        _ => "apiKey",
    };

    internal static string Of(LimitKind kind) => kind switch
    {
        LimitKind.Rate => "rate",
        LimitKind.Quota => "quota",
        LimitKind.Budget => "budget",
        _ => "concurrency",
    };

    internal static string Of(LimitWindowKind window) => window switch
    {
        LimitWindowKind.None => "none",
        LimitWindowKind.Sliding => "sliding",
        LimitWindowKind.Day => "day",
        LimitWindowKind.Month => "month",
        _ => "billingPeriod",
    };
}
