using System.ComponentModel;
using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.Policy.Compilation;
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
        CancellationToken cancellationToken,
        [Description("The account; the caller's own by default.")] Guid? account = null,
        [Description("The moment whose windows to show, RFC 3339; by default now, with what calls that run have reserved.")] DateTimeOffset? at = null)
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

        var caller = Caller.Of(user);
        // One's own limits within the account are nobody else's business, and nobody else's are one's own.
        var subject = access.Account == caller.AccountId
            ? new PolicySubject(access.Account, caller.UserId, caller.KeyId)
            : new PolicySubject(access.Account, null, null);
        return TypedResults.Ok(await query.GetAsync(subject, at?.ToUniversalTime(), cancellationToken));
    }
}
