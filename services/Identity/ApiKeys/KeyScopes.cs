using BotGeneric.Contracts.Identity;

namespace BotGeneric.Identity.ApiKeys;

/// <summary>Which scopes a key can have.</summary>
public static class KeyScopes
{
    /// <summary>
    /// The scopes of a key that acts in an organization's name: those that are about the account. What is about a person, such as the profile, links or
    /// the person's other organizations, is not among them, because others manage the key too.
    /// </summary>
    public static IReadOnlyList<string> ForOrganizations { get; } =
    [
        ApiScopes.BillingRead, ApiScopes.BillingWrite, ApiScopes.PolicyRead, ApiScopes.PolicyAuthorize, ApiScopes.UsageRead, ApiScopes.UsageWrite,
        ApiScopes.AnalyticsRead, ApiScopes.AgentsRead, ApiScopes.AgentsWrite,
    ];

    /// <summary>The scopes of a key that acts in a person's own name, without <see cref="ApiScopes.Admin"/>.</summary>
    public static IReadOnlyList<string> ForPeople { get; } = [.. ApiScopes.All.Where(scope => scope != ApiScopes.Admin)];
}
