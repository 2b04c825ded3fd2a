using BotGeneric.Gateway.Keys;
using BotGeneric.Gateway.Localization;
using BotGeneric.Gateway.Session;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.Gateway.Authentication;

/// <summary>The default scheme: what <see cref="EdgeAuthenticator"/> found, and what is answered to those who may not pass.</summary>
internal sealed class EdgeHandler(EdgeAuthenticator authenticator) : IAuthenticationHandler
{
    private const string RetryAfterSeconds = "5";

    private HttpContext _context = null!;

    public Task InitializeAsync(AuthenticationScheme scheme, HttpContext context)
    {
        _context = context;
        return Task.CompletedTask;
    }

    public Task<AuthenticateResult> AuthenticateAsync() => authenticator.AuthenticateAsync(_context).AsTask();

    public async Task ChallengeAsync(AuthenticationProperties? properties)
    {
        var edge = EdgeRequest.Of(_context);
        if (edge.IsUnavailable)
        {
            _context.Response.Headers.RetryAfter = RetryAfterSeconds;
            await ApiProblems.Problem(
                StatusCodes.Status503ServiceUnavailable, EdgeTexts.Get("credential-unknown"))
                .ExecuteAsync(_context);
            return;
        }

        if (edge.IsForeignNetwork)
        {
            await ApiProblems.Problem(StatusCodes.Status403Forbidden, EdgeTexts.Get("key-network"), ProblemTypes.KeyNotAllowedHere).ExecuteAsync(_context);
            return;
        }

        if (ReturnUrl.IsPage(_context.Request))
        {
            _context.Response.Redirect(SessionApi.LoginAddress(_context.Request));
            return;
        }

        if (edge.Result?.Failure is not { } failure)
        {
            _context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            _context.Response.Headers.WWWAuthenticate = "Bearer";
            return;
        }

        var (type, text, description) = edge.Presented.Kind switch
        {
            CredentialKind.Key when edge.Result == KeyResolver.Expired => (ProblemTypes.ExpiredKey, "key-expired", "The API key has expired"),
            CredentialKind.Key => (ProblemTypes.InvalidKey, "key-invalid", "The API key is unknown or was revoked"),
            CredentialKind.AccessToken when failure is SecurityTokenExpiredException => (ProblemTypes.ExpiredToken, "token-expired", "The access token has expired"),
            CredentialKind.AccessToken => (ProblemTypes.InvalidToken, "token-invalid", "The access token is not valid"),
            CredentialKind.Unreadable => (ProblemTypes.InvalidToken, "credential-unreadable", "Neither an API key nor an access token"),
            _ => (ProblemTypes.Unauthenticated, "session-over", "The session is over"),
        };
        _context.Response.Headers.WWWAuthenticate = $"Bearer error=\"invalid_token\", error_description=\"{description}\"";
        await ApiProblems.Problem(StatusCodes.Status401Unauthorized, EdgeTexts.Get(text), type).ExecuteAsync(_context);
    }

    public Task ForbidAsync(AuthenticationProperties? properties)
    {
        _context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }
}
