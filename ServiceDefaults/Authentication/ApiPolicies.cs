using BotGeneric.Contracts.Identity;
using Microsoft.AspNetCore.Authorization;

namespace BotGeneric.ServiceDefaults.Authentication;

/// <summary>Names of policies and roles.</summary>
public static class ApiPolicies
{
    /// <summary>
    /// Those who run the system, as themselves, with a token made for it: the role <c>admin</c> and the scope <c>admin</c>. For endpoints under <c>/api/admin</c>.
    /// </summary>
    public const string Admin = "admin";

    /// <summary>
    /// <see cref="Admin"/> in person, who has shown a second factor within the last 15 minutes. For acts that cannot be undone or reach far. Otherwise the
    /// answer is 401 with <c>insufficient_user_authentication</c> (RFC 9470): show it again and repeat.
    /// </summary>
    public const string StepUp = "step-up";

    /// <summary>
    /// The person, and nobody else in that person's name: a token whose <c>act</c> names a person is refused. A service that passes a person's wish
    /// on (<c>act</c> names a client) is not somebody else. For changes of credentials and of what is paid. Says nothing about scopes: add <see cref="AccessExtensions.RequireScope"/>.
    /// </summary>
    public const string NotImpersonated = "not-impersonated";

    /// <summary>The role of those who run the system.</summary>
    public const string AdminRole = "admin";

    /// <summary>The authentication context (<c>acr</c>) in which a second factor was shown.</summary>
    public const string SecondFactorContext = "urn:botgeneric:acr:mfa";

    /// <summary>How long ago a person may have shown it for <see cref="StepUp"/>.</summary>
    public static readonly TimeSpan StepUpMaximumAge = TimeSpan.FromMinutes(15);

    internal static void Add(AuthorizationBuilder authorization) => authorization
        .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build())
        .AddPolicy(Admin, policy => policy.RequireAuthenticatedUser().RequireRole(AdminRole).AddRequirements(new ScopeRequirement(ApiScopes.Admin), new NotImpersonatedRequirement()))
        .AddPolicy(StepUp, policy => policy.RequireAuthenticatedUser().RequireRole(AdminRole).AddRequirements(
            new ScopeRequirement(ApiScopes.Admin), new NotImpersonatedRequirement(), new RecentSignInRequirement(StepUpMaximumAge)))
        .AddPolicy(NotImpersonated, policy => policy.RequireAuthenticatedUser().AddRequirements(new NotImpersonatedRequirement()));
}
