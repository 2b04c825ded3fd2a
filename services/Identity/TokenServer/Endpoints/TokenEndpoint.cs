using System.Security.Claims;
using BotGeneric.Identity.TokenServer.Grants;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;

namespace BotGeneric.Identity.TokenServer.Endpoints;

/// <summary>Tokens. The client is authenticated and the request is well formed when it comes here.</summary>
internal static class TokenEndpoint
{
    public static async Task<Results<SignInHttpResult, ForbidHttpResult>> HandleAsync(HttpContext context, CancellationToken cancellationToken) =>
        (await ExchangeAsync(context, cancellationToken)).ToResult();

    private static async Task<GrantResult> ExchangeAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var services = context.RequestServices;
        var request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("The request did not come through the token server.");
        if (request.IsClientCredentialsGrantType())
        {
            return services.GetRequiredService<ClientCredentialsGrant>().Exchange(request);
        }

        if (request.GrantType == TokenServerNames.ApiKeyGrant)
        {
            return await services.GetRequiredService<ApiKeyGrant>().ExchangeAsync(request, cancellationToken);
        }

        var credential = await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        if (credential.Principal is not { } principal)
        {
            return GrantResult.Invalid();
        }

        if (!request.IsTokenExchangeGrantType())
        {
            return await services.GetRequiredService<UserGrants>().ExchangeAsync(context, request, principal, cancellationToken);
        }

        var actor = credential.Properties?.GetParameter<ClaimsPrincipal>(OpenIddictServerAspNetCoreConstants.Properties.ActorTokenPrincipal);
        return request.SubjectTokenType == TokenServerNames.UserIdToken
            ? await services.GetRequiredService<ImpersonationGrant>().ExchangeAsync(request, principal, actor, cancellationToken)
            : await services.GetRequiredService<TokenExchangeGrant>().ExchangeAsync(request, principal, cancellationToken);
    }
}
