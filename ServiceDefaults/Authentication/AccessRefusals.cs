using System.Globalization;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace BotGeneric.ServiceDefaults.Authentication;

/// <summary>
/// What is answered to a good token that is not enough: 403 with the scope that is missing (RFC 6750), 401 with the age that a sign-in may
/// have (RFC 9470). What else there is to answer, the authentication scheme answers.
/// </summary>
internal sealed class AccessRefusals : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler _default = new();

    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (!authorizeResult.Forbidden || authorizeResult.AuthorizationFailure is not { } failure)
        {
            return _default.HandleAsync(next, context, policy, authorizeResult);
        }

        var failed = failure.FailedRequirements.ToList();
        // What signing in again cannot mend comes first.
        if (failed.OfType<RolesAuthorizationRequirement>().Any())
        {
            return ForbidAsync(context, AccessTexts.RoleNeeded);
        }

        if (failed.OfType<ScopeRequirement>().Select(requirement => requirement.Scope).ToList() is { Count: > 0 } scopes)
        {
            var needed = string.Join(' ', scopes);
            context.Response.Headers[HeaderNames.WWWAuthenticate] = $"Bearer error=\"insufficient_scope\", scope=\"{needed}\"";
            return ForbidAsync(context, AccessTexts.ScopeNeeded(needed));
        }

        if (failed.OfType<NotImpersonatedRequirement>().Any())
        {
            return ForbidAsync(context, AccessTexts.InPersonOnly);
        }

        return failed.OfType<RecentSignInRequirement>().FirstOrDefault() is { } recent
            ? DemandSignInAsync(context, recent.MaximumAge, Caller.Of(context.User).KeyId is not null)
            : _default.HandleAsync(next, context, policy, authorizeResult);
    }

    private static Task ForbidAsync(HttpContext context, string detail) =>
        ApiProblems.Problem(StatusCodes.Status403Forbidden, detail).ExecuteAsync(context);

    private static Task DemandSignInAsync(HttpContext context, TimeSpan maximumAge, bool isKey)
    {
        context.Response.Headers[HeaderNames.WWWAuthenticate] = string.Create(
            CultureInfo.InvariantCulture,
            $"Bearer error=\"insufficient_user_authentication\", error_description=\"A more recent authentication is required\", max_age=\"{maximumAge.TotalSeconds:0}\", acr_values=\"{ApiPolicies.SecondFactorContext}\"");
        var minutes = (int)maximumAge.TotalMinutes;
        // Nobody sits behind a key who could show anything again.
        return ApiProblems.Problem(
            StatusCodes.Status401Unauthorized, isKey ? AccessTexts.PersonNeeded(minutes) : AccessTexts.SignInAgain(minutes), ProblemTypes.SignInAgain)
            .ExecuteAsync(context);
    }
}
