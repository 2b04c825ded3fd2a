namespace BotGeneric.Identity.Accounts.Privacy;

/// <summary>The services that hold something of people and answer a deletion. It is complete when all of them have.</summary>
public static class ErasureServices
{
    /// <summary>Their names, as they answer.</summary>
    public static IReadOnlyList<string> All { get; } = ["agents", "analytics", "billing", "notifications", "policy", "telegram", "usage"];
}
