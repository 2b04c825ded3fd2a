using System.Security.Claims;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.TokenServer.Clients;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace BotGeneric.Identity.TokenServer.Handlers;

/// <summary>
/// A parameter that comes twice is refused (RFC 6749, section 3.1): whoever reads the first one and whoever reads the last one would see two requests.
/// </summary>
internal sealed class RefuseRepeatedParameters<TContext> : IOpenIddictServerHandler<TContext>
    where TContext : BaseValidatingContext
{
    public ValueTask HandleAsync(TContext context)
    {
        // These two may come several times (RFC 8693, section 2.1; RFC 8707).
        var repeated = context.Transaction.Request?.GetParameters()
            .FirstOrDefault(parameter => parameter.Key is not (OpenIddictConstants.Parameters.Audience or OpenIddictConstants.Parameters.Resource)
                && parameter.Value.Count > 1 && IsList(parameter.Value)).Key;
        if (repeated is not null)
        {
            context.Reject(OpenIddictConstants.Errors.InvalidRequest, "A parameter was sent more than once.");
        }

        return default;
    }

    private static bool IsList(OpenIddictParameter parameter) =>
        parameter.GetRawValue() is System.Collections.Immutable.ImmutableArray<string?> or string[] or JsonElement { ValueKind: JsonValueKind.Array };
}

/// <summary>
/// A scope that a client may not have is <c>invalid_scope</c> (RFC 6749, sections 4.1.2.1 and 5.2), as one that does not exist is. The token server calls it
/// <c>invalid_request</c>, which says that the request is not well formed.
/// </summary>
internal sealed class RefuseForeignScopes<TContext>(IOpenIddictApplicationManager clients) : IOpenIddictServerHandler<TContext>
    where TContext : BaseValidatingContext
{
    public async ValueTask HandleAsync(TContext context)
    {
        if (context.Transaction.Request is not { ClientId: { Length: > 0 } clientId } request || request.GetScopes() is not { IsEmpty: false } asked
            || await clients.FindByClientIdAsync(clientId, context.CancellationToken) is not { } client)
        {
            return;
        }

        foreach (var scope in asked.Where(scope => !ClientScopes.ForEveryClient.Contains(scope)))
        {
            if (!await clients.HasPermissionAsync(client, OpenIddictConstants.Permissions.Prefixes.Scope + scope, context.CancellationToken))
            {
                context.Reject(OpenIddictConstants.Errors.InvalidScope, "The client may not have one of these scopes.");
                return;
            }
        }
    }
}

/// <summary>A refresh that asks for more than was granted is <c>invalid_scope</c> too: the grant itself is good (RFC 6749, sections 5.2 and 6).</summary>
internal sealed class RefuseWiderRefreshes : IOpenIddictServerHandler<ValidateTokenRequestContext>
{
    public ValueTask HandleAsync(ValidateTokenRequestContext context)
    {
        if (context.Request.IsRefreshTokenGrantType() && context.RefreshTokenPrincipal is { } granted
            && context.Request.GetScopes().Except(granted.GetScopes(), StringComparer.Ordinal).Any())
        {
            context.Reject(OpenIddictConstants.Errors.InvalidScope, "A scope was asked for that was not granted.");
        }

        return default;
    }
}

/// <summary>What is no API key in form is refused before the database is asked anything, even who the client is.</summary>
internal sealed class RefuseMalformedKeys : IOpenIddictServerHandler<ValidateTokenRequestContext>
{
    public ValueTask HandleAsync(ValidateTokenRequestContext context)
    {
        if (context.Request.GrantType == TokenServerNames.ApiKeyGrant && !ApiKeyFormat.TryParse((string?)context.Request["api_key"], out _))
        {
            context.Reject(OpenIddictConstants.Errors.InvalidGrant, "The key is not valid.");
        }

        return default;
    }
}

/// <summary>Reads the subject token of an impersonation: the id of a person. It proves nothing; the actor token does.</summary>
internal sealed class ReadUserIdTokens : IOpenIddictServerHandler<ValidateTokenContext>
{
    public ValueTask HandleAsync(ValidateTokenContext context)
    {
        if (context.ValidTokenTypes.Count == 1 && context.ValidTokenTypes.Contains(TokenServerNames.UserIdToken))
        {
            if (!Guid.TryParseExact(context.Token, "D", out var userId))
            {
                context.Reject(OpenIddictConstants.Errors.InvalidRequest, "The subject token is not the id of a person.");
                return default;
            }

            var identity = new ClaimsIdentity("user-id");
            identity.SetClaim(OpenIddictConstants.Claims.Subject, userId.ToString());
            context.Principal = new ClaimsPrincipal(identity).SetTokenType(TokenServerNames.UserIdToken).SetPresenters(context.ValidPresenters);
        }

        return default;
    }
}

/// <summary>People type the code of a device as they like.</summary>
internal sealed class UpperCaseUserCodes : IOpenIddictServerHandler<ExtractEndUserVerificationRequestContext>
{
    public ValueTask HandleAsync(ExtractEndUserVerificationRequestContext context)
    {
        if (context.Request?.UserCode is { } code)
        {
            context.Request.UserCode = code.ToUpperInvariant();
        }

        return default;
    }
}
