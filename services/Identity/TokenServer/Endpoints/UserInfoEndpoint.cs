using BotGeneric.Identity.TokenServer.Grants;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;

namespace BotGeneric.Identity.TokenServer.Endpoints;

/// <summary>Who an access token is of (OpenID Connect Core, section 5.3). The token is validated when the request comes here.</summary>
internal static class UserInfoEndpoint
{
    public static async Task<Results<JsonHttpResult<Dictionary<string, object>>, ForbidHttpResult>> HandleAsync(
        HttpContext context, TokenSubjects subjects, CancellationToken cancellationToken)
    {
        var token = (await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme)).Principal;
        if (token is null || await subjects.FindAsync(token, cancellationToken) is not { } subject)
        {
            return GrantResult.Refusal(OpenIddictConstants.Errors.InvalidToken, "The access token is not valid any more.");
        }

        if (!token.HasScope(OpenIddictConstants.Scopes.OpenId))
        {
            return GrantResult.Refusal(OpenIddictConstants.Errors.InsufficientScope, "The access token does not have the scope 'openid'.");
        }

        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(TokenPrincipals.Profile(subject.User, [.. token.GetScopes()]));
    }
}
