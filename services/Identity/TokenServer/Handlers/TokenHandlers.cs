using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Sessions;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace BotGeneric.Identity.TokenServer.Handlers;

/// <summary>
/// A code or refresh token that was used and comes again was copied by somebody: everything that followed from it is revoked, the authorization too, and it
/// is audited. The token server itself revokes the tokens only.
/// </summary>
internal sealed class RevokeReusedGrants(
    IOpenIddictTokenManager tokens, IOpenIddictAuthorizationManager authorizations, IdentityDbContext db, DeviceSessions devices, AuditTrail audit)
    : IOpenIddictServerHandler<ValidateTokenContext>
{
    public async ValueTask HandleAsync(ValidateTokenContext context)
    {
        if (context.TokenId is not { Length: > 0 } tokenId || context.AuthorizationId is not { Length: > 0 } authorizationId
            || await tokens.FindByIdAsync(tokenId, context.CancellationToken) is not { } token
            || !await tokens.HasStatusAsync(token, Statuses.Redeemed, context.CancellationToken)
            || await MayComeAgainAsync(context, token))
        {
            return;
        }

        if (await authorizations.FindByIdAsync(authorizationId, context.CancellationToken) is { } authorization)
        {
            await authorizations.TryRevokeAsync(authorization, context.CancellationToken);
        }

        if (Guid.TryParse(authorizationId, out var grant))
        {
            await devices.EndAsync(grant, context.CancellationToken);
        }

        var principal = context.Principal!;
        Guid? userId = Guid.TryParse(principal.GetClaim(Claims.Subject), out var id) ? id : null;
        audit.Add(
            AuditActions.TokenReused, userId, target: authorizationId, actorId: userId,
            details: new Dictionary<string, string?> { ["type"] = principal.GetTokenType(), ["client"] = principal.GetPresenters().FirstOrDefault() });
        await db.SaveChangesAsync(context.CancellationToken);
    }

    private async Task<bool> MayComeAgainAsync(ValidateTokenContext context, object token) =>
        context.Principal!.HasTokenType(TokenTypeIdentifiers.RefreshToken)
        && context.Options.RefreshTokenReuseLeeway is { } leeway
        && (await tokens.GetRedemptionDateAsync(token, context.CancellationToken) is not { } redeemedAt
            || context.Options.TimeProvider!.GetUtcNow() < redeemedAt + leeway);
}

/// <summary>
/// Identity tokens say who signed in and open nothing, so nobody revokes them or asks for their state: they need no row in the database.
/// </summary>
internal sealed class LeaveIdentityTokensUnrecorded : IOpenIddictServerHandler<GenerateTokenContext>
{
    public ValueTask HandleAsync(GenerateTokenContext context)
    {
        context.CreateTokenEntry &= context.TokenType != TokenTypeIdentifiers.IdentityToken;
        return ValueTask.CompletedTask;
    }
}

/// <summary>
/// The last touches on tokens: <c>amr</c> is always a list, and an identity token is signed with the algorithm that its client is registered with.
/// </summary>
internal sealed class ShapeTokens(IOpenIddictApplicationManager clients) : IOpenIddictServerHandler<GenerateTokenContext>
{
    public async ValueTask HandleAsync(GenerateTokenContext context)
    {
        if (context.TokenType == TokenTypeIdentifiers.AccessToken)
        {
            ListMethods(context);
        }

        if (context.TokenType == TokenTypeIdentifiers.IdentityToken && context.ClientId is { } clientId
            && await clients.FindByClientIdAsync(clientId, context.CancellationToken) is { } client
            && (await clients.GetSettingsAsync(client, context.CancellationToken)).TryGetValue(TokenServerNames.IdTokenAlgorithmSetting, out var algorithm)
            && context.Options.SigningCredentials.Find(credentials => credentials.Algorithm == algorithm) is { } chosen)
        {
            context.SigningCredentials = chosen;
            context.SecurityTokenDescriptor.SigningCredentials = chosen;
        }
    }

    private static void ListMethods(GenerateTokenContext context)
    {
        var subject = context.SecurityTokenDescriptor.Subject;
        var methods = subject.FindAll(Claims.AuthenticationMethodReference).ToList();
        if (methods.Count > 0)
        {
            methods.ForEach(subject.RemoveClaim);
            context.SecurityTokenDescriptor.Claims[Claims.AuthenticationMethodReference] = methods.Select(method => method.Value).ToArray();
        }
    }
}

/// <summary>A token whose session or owner is gone is not active, even before its time.</summary>
internal sealed class IntrospectStanding(TokenSubjects subjects) : IOpenIddictServerHandler<ValidateIntrospectionRequestContext>
{
    public async ValueTask HandleAsync(ValidateIntrospectionRequestContext context)
    {
        if (context.GenericTokenPrincipal is { } token && !await subjects.StandsAsync(token, context.CancellationToken))
        {
            context.Reject(Errors.InvalidToken, "The token is not valid any more.");
        }
    }
}

/// <summary>Revoking a refresh token revokes what was issued with it (RFC 7009, section 2.1), and ends the session of a device.</summary>
internal sealed class RevokeWholeGrant(
    IOpenIddictTokenManager tokens, IOpenIddictAuthorizationManager authorizations, IdentityDbContext db, DeviceSessions devices)
    : IOpenIddictServerHandler<HandleRevocationRequestContext>
{
    public async ValueTask HandleAsync(HandleRevocationRequestContext context)
    {
        if (context.GenericTokenPrincipal is { } token && token.HasTokenType(TokenTypeIdentifiers.RefreshToken)
            && token.GetAuthorizationId() is { Length: > 0 } authorizationId)
        {
            await tokens.RevokeByAuthorizationIdAsync(authorizationId, context.CancellationToken);
            if (await authorizations.FindByIdAsync(authorizationId, context.CancellationToken) is { } authorization)
            {
                await authorizations.TryRevokeAsync(authorization, context.CancellationToken);
            }

            // A device that signs itself out is listed no more.
            if (Guid.TryParse(authorizationId, out var grant))
            {
                await devices.EndAsync(grant, context.CancellationToken);
                await db.SaveChangesAsync(context.CancellationToken);
            }
        }
    }
}
