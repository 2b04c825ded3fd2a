using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.Gateway.Keys;
using BotGeneric.Gateway.Revocation;
using BotGeneric.Gateway.Routing;
using BotGeneric.Gateway.Session;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.Gateway.Authentication;

/// <summary>
/// Asks the one scheme that fits what a request carries. A key or token that is presented wins over the cookie that a browser sends by
/// itself; one that is not valid is refused, and never replaced by the cookie.
/// </summary>
internal sealed class EdgeHandler(
    KeyResolver keys,
    SessionAuthenticator sessions,
    Revocations revocations,
    IAuthenticationSchemeProvider schemes,
    IConfigurationManager<OpenIdConnectConfiguration> configuration) : IAuthenticationHandler
{
    private const string RetryAfterSeconds = "5";

    private HttpContext _context = null!;
    private AuthenticateResult? _result;

    public Task InitializeAsync(AuthenticationScheme scheme, HttpContext context)
    {
        _context = context;
        return Task.CompletedTask;
    }

    public async Task<AuthenticateResult> AuthenticateAsync() => _result ??= await FindAsync();

    public async Task ChallengeAsync(AuthenticationProperties? properties)
    {
        var edge = EdgeRequest.Of(_context);
        if (edge.IsUnavailable)
        {
            _context.Response.Headers.RetryAfter = RetryAfterSeconds;
            await ApiProblems.Problem(
                StatusCodes.Status503ServiceUnavailable, "Whether the credential is valid cannot be told at the moment. Nothing was changed; repeat the request.")
                .ExecuteAsync(_context);
            return;
        }

        if (edge.IsForeignNetwork)
        {
            await ApiProblems.Problem(StatusCodes.Status403Forbidden, "The key may not be used from this address.").ExecuteAsync(_context);
            return;
        }

        if (ReturnUrl.IsPage(_context.Request))
        {
            _context.Response.Redirect(SessionApi.LoginAddress(_context.Request));
            return;
        }

        _context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        _context.Response.Headers.WWWAuthenticate = _result?.Failure is null ? "Bearer" : "Bearer error=\"invalid_token\"";
    }

    public Task ForbidAsync(AuthenticationProperties? properties)
    {
        _context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }

    private async ValueTask<AuthenticateResult> FindAsync()
    {
        if (EdgeRules.Of(_context).IgnoresCredentials)
        {
            return AuthenticateResult.NoResult();
        }

        var credential = Credential.Read(_context.Request);
        return credential.Kind switch
        {
            CredentialKind.Key => await ByKeyAsync(credential.Value!),
            CredentialKind.AccessToken => await ByTokenAsync(credential.Value!),
            CredentialKind.Development => await ByDevelopmentKeyAsync(credential.Value!),
            _ => await sessions.AuthenticateAsync(_context),
        };
    }

    private async ValueTask<AuthenticateResult> ByKeyAsync(string text)
    {
        var edge = EdgeRequest.Of(_context);
        var answer = await keys.ResolveAsync(text, _context.RequestAborted);
        switch (answer.Outcome)
        {
            case TokenOutcome.Unavailable:
                edge.IsUnavailable = true;
                return KeyResolver.Unknown;
            case TokenOutcome.Refused:
                return KeyResolver.Invalid;
        }

        var key = answer.Key!;
        if (!key.IsAllowedFrom(_context.Connection.RemoteIpAddress))
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

    private async ValueTask<AuthenticateResult> ByTokenAsync(string token)
    {
        var result = await _context.AuthenticateAsync(EdgeSchemes.AccessToken);
        if (!result.Succeeded)
        {
            // Without Identity's keys nobody can say that the signature is wrong.
            EdgeRequest.Of(_context).IsUnavailable = result.Failure is SecurityTokenSignatureKeyNotFoundException && !await HasSigningKeysAsync();
            return result;
        }

        var principal = result.Principal;
        if (revocations.CoverToken(principal))
        {
            return AuthenticateResult.Fail("The token was revoked.");
        }

        var edge = EdgeRequest.Of(_context);
        edge.Kind = CredentialKind.AccessToken;
        edge.Account = Account(principal);
        edge.Authorization = "Bearer " + token;
        return result;
    }

    private async ValueTask<AuthenticateResult> ByDevelopmentKeyAsync(string text)
    {
        if (await schemes.GetSchemeAsync(EdgeSchemes.Development) is null)
        {
            return KeyResolver.Invalid;
        }

        var result = await _context.AuthenticateAsync(EdgeSchemes.Development);
        if (result.Succeeded)
        {
            var edge = EdgeRequest.Of(_context);
            edge.Kind = CredentialKind.Development;
            edge.Account = Account(result.Principal);
            edge.Authorization = "Bearer " + text;
        }

        return result;
    }

    private async ValueTask<bool> HasSigningKeysAsync()
    {
        try
        {
            return (await configuration.GetConfigurationAsync(_context.RequestAborted)).SigningKeys.Count > 0;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    internal static string? Account(ClaimsPrincipal principal) =>
        principal.FindFirst(ApiClaims.Organization)?.Value ?? principal.FindFirst("sub")?.Value;
}
