using BotGeneric.Contracts.Billing.V1;

namespace BotGeneric.Policy.Domain;

/// <summary>What holds for an account: of everything that its subscriptions and the free allowance grant, the most generous for each meter and window.</summary>
public static class EffectiveLimits
{
    /// <summary>Combines what an account has been granted.</summary>
    /// <param name="free">What everybody has.</param>
    /// <param name="grants">What the account's subscriptions grant.</param>
    /// <returns>At most one entry for a meter and window, in the order in which they were first named.</returns>
    public static IReadOnlyList<Entitlement> Combine(IEnumerable<Entitlement> free, IEnumerable<PlanGrant> grants) =>
    [
        .. free
            .Concat(grants.Where(grant => grant.GrantsAccess).SelectMany(grant => grant.Entitlements))
            .GroupBy(entitlement => (entitlement.Meter, entitlement.Window))
            .Select(group => group.MaxBy(entitlement => entitlement.Limit)!),
    ];
}
