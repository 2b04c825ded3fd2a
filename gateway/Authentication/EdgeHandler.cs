using BotGeneric.Gateway.Session;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Authentication;

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
        _context.Response.Headers.WWWAuthenticate = edge.Result?.Failure is null ? "Bearer" : "Bearer error=\"invalid_token\"";
    }

    public Task ForbidAsync(AuthenticationProperties? properties)
    {
        _context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }
}
