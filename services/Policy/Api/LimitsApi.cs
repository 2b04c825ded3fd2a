using System.ComponentModel;
using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.Policy.Limits;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Policy.Api;

/// <summary>Where accounts stand.</summary>
public static class LimitsApi
{
    /// <summary>Maps <c>/api/policy/limits</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapLimitsApi(this IEndpointRouteBuilder app) =>
        app.MapGroup("/api/policy")
            .WithTags("Limits")
            .RequireScope(ApiScopes.PolicyRead)
            .MapGet("/limits", GetAsync)
            .WithSummary("Get an account's limits");

    /// <summary>
    /// The account's limits with what it has used of each. Usage counts within moments of its acceptance. An account that nobody has heard
    /// of has the free allowance. 404 for an account that is not the caller's, unless those who run the system ask.
    /// </summary>
    internal static async Task<Results<Ok<AccountLimits>, ProblemHttpResult>> GetAsync(
        ClaimsPrincipal user,
        LimitsQuery query,
        TimeProvider timeProvider,
        CancellationToken cancellationToken,
        [Description("The account; the caller's own by default.")] Guid? account = null,
        [Description("The moment whose windows to show, RFC 3339; now by default.")] DateTimeOffset? at = null)
    {
        if (at is { Year: < 2000 or > 2999 })
        {
            return ApiProblems.Invalid("at", "Send a time in the years 2000 to 2999.");
        }

        var access = AccountAccess.Read(user, account);
        if (!access.IsGranted)
        {
            return access.Problem;
        }

        return TypedResults.Ok(await query.GetAsync(access.Account, (at ?? timeProvider.GetUtcNow()).ToUniversalTime(), cancellationToken));
    }
}
