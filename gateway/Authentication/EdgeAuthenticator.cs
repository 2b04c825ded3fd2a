using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.Gateway.Keys;
using BotGeneric.Gateway.Revocation;
using BotGeneric.Gateway.Routing;
using BotGeneric.Gateway.Session;
using BotGeneric.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Authentication;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.Gateway.Authentication;

/// <summary>
/// Asks the one that fits what a request carries. A key or token that is presented wins over the cookie that a browser sends by
/// itself; one that is not valid is refused, and never replaced by the cookie.
/// </summary>
internal sealed class EdgeAuthenticator(
    KeyResolver keys,
    SessionAuthenticator sessions,
    Revocations revocations,
    IConfigurationManager<OpenIdConnectConfiguration> signingKeys)
{
    private static readonly AuthenticateResult NoResult = AuthenticateResult.NoResult();

    /// <summary>Finds out who calls, once per request. A key that is remembered is answered at once.</summary>
    internal ValueTask<AuthenticateResult> AuthenticateAsync(HttpContext context)
    {
        var edge = EdgeRequest.Of(context);
        if (edge.Result is { } known)
        {
            return new ValueTask<AuthenticateResult>(known);
        }

        var finding = FindAsync(context, edge);
        return finding.IsCompletedSuccessfully ? new ValueTask<AuthenticateResult>(edge.Result = finding.Result) : AwaitAsync(edge, finding);
    }

    /// <summary>In whose name a caller acts: the organization, else the person.</summary>
    internal static string? AccountOf(ClaimsPrincipal principal) =>
        principal.FindFirst(ApiClaims.Organization)?.Value ?? principal.FindFirst("sub")?.Value;

    private static async ValueTask<AuthenticateResult> AwaitAsync(EdgeRequest edge, ValueTask<AuthenticateResult> finding) => edge.Result = await finding;

    private ValueTask<AuthenticateResult> FindAsync(HttpContext context, EdgeRequest edge)
    {
        if (EdgeRules.Of(context).IgnoresCredentials)
        {
            return new ValueTask<AuthenticateResult>(NoResult);
        }

        return edge.Presented.Kind switch
        {
            CredentialKind.Key when edge.Remembered is { } known => new ValueTask<AuthenticateResult>(Accept(context, edge, known)),
            CredentialKind.Key => ByKeyAsync(context, edge),
            CredentialKind.AccessToken => ByTokenAsync(context, edge),
            CredentialKind.Unreadable => new ValueTask<AuthenticateResult>(KeyResolver.Invalid),
            _ => sessions.AuthenticateAsync(context),
        };
    }

    private async ValueTask<AuthenticateResult> ByKeyAsync(HttpContext context, EdgeRequest edge) =>
        Accept(context, edge, await keys.ResolveAsync(edge.Presented.Value!, context.RequestAborted));

    private AuthenticateResult Accept(HttpContext context, EdgeRequest edge, KeyAnswer answer)
    {
        switch (answer.Outcome)
        {
            case TokenOutcome.Unavailable:
                edge.IsUnavailable = true;
                return KeyResolver.Unknown;
            case TokenOutcome.Refused:
                return KeyResolver.Invalid;
            case TokenOutcome.Expired:
                return KeyResolver.Expired;
        }

        var key = answer.Key!;
        if (!key.IsAllowedFrom(context.Connection.RemoteIpAddress))
        {
            edge.IsForeignNetwork = true;
            return KeyResolver.Invalid;
        }

        edge.Kind = CredentialKind.Key;
        edge.Key = key;
        edge.Account = key.Account;
        edge.Authorization = key.Authorization;
        return key.Result;
    }

    private async ValueTask<AuthenticateResult> ByTokenAsync(HttpContext context, EdgeRequest edge)
    {
        var result = await context.AuthenticateAsync(EdgeSchemes.AccessToken);
        if (!result.Succeeded)
        {
            // Without Identity's keys nobody can say that the signature is wrong.
            edge.IsUnavailable = result.Failure is SecurityTokenSignatureKeyNotFoundException && !await HasSigningKeysAsync(context.RequestAborted);
            return result;
        }

        var principal = result.Principal;
        if (revocations.CoverToken(principal))
        {
            return AuthenticateResult.Fail("The token was revoked.");
        }

        edge.Kind = CredentialKind.AccessToken;
        edge.Account = AccountOf(principal);
        edge.Authorization = "Bearer " + edge.Presented.Value;
        return result;
    }

    private async ValueTask<bool> HasSigningKeysAsync(CancellationToken cancellationToken)
    {
        try
        {
            await signingKeys.GetConfigurationAsync(cancellationToken);
            return true;
        }
        catch (SigningKeysUnknownException)
        {
            return false;
        }
    }
}
