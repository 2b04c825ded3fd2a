using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;
using Microsoft.Net.Http.Headers;

namespace BotGeneric.ServiceDefaults.Authentication;

/// <summary>What is answered to a request without a good token: RFC 6750, section 3, and problem details in the caller's language.</summary>
/// <param name="keys">Tells a bad token from one that nobody can judge at present.</param>
internal sealed partial class AccessTokenEvents(SigningKeys keys) : JwtBearerEvents
{
    public override Task AuthenticationFailed(AuthenticationFailedContext context)
    {
        // By the kind of error alone. Its message may quote from the token.
        LogRefused(context.HttpContext.RequestServices.GetRequiredService<ILogger<AccessTokenEvents>>(), context.Exception.GetType().Name);
        return Task.CompletedTask;
    }

    public override async Task Challenge(JwtBearerChallengeContext context)
    {
        context.HandleResponse();
        var headers = context.Response.Headers;
        switch (context.AuthenticateFailure)
        {
            case null:
                headers[HeaderNames.WWWAuthenticate] = "Bearer";
                await ApiProblems.Problem(StatusCodes.Status401Unauthorized, AccessTexts.TokenMissing).ExecuteAsync(context.HttpContext);
                break;

            // The token may be good. 401 would make its owner sign in again for nothing.
            case SecurityTokenSignatureKeyNotFoundException when context.Options.ConfigurationManager == keys && !keys.AreKnown:
                headers[HeaderNames.RetryAfter] = "5";
                await ApiProblems.Problem(StatusCodes.Status503ServiceUnavailable, AccessTexts.KeysAway).ExecuteAsync(context.HttpContext);
                break;

            case SecurityTokenExpiredException:
                headers[HeaderNames.WWWAuthenticate] = "Bearer error=\"invalid_token\", error_description=\"The access token has expired\"";
                await ApiProblems.Problem(StatusCodes.Status401Unauthorized, AccessTexts.TokenExpired).ExecuteAsync(context.HttpContext);
                break;

            default:
                headers[HeaderNames.WWWAuthenticate] = "Bearer error=\"invalid_token\", error_description=\"The access token is not valid here\"";
                await ApiProblems.Problem(StatusCodes.Status401Unauthorized, AccessTexts.TokenInvalid).ExecuteAsync(context.HttpContext);
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "An access token was refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, string reason);
}
