using Microsoft.AspNetCore.Authentication;

namespace BotGeneric.Gateway.Authentication;

/// <summary>
/// Sets who calls. The framework's middleware builds the handler of the sign-in for every request, only to ask it whether the request is the
/// answer of a sign-in; here that is asked of requests to its one path.
/// </summary>
internal static class EdgeAuthenticationMiddleware
{
    // WebApplicationBuilder puts the framework's middleware in front of everything unless this says that it is there.
    private const string IsInPlace = "__AuthenticationMiddlewareSet";

    internal static void UseAuthenticator(this WebApplication app)
    {
        ((IApplicationBuilder)app).Properties[IsInPlace] = true;
        app.UseWhen(Session.SessionExtensions.IsCallback, callback => callback.UseAuthentication());

        var authenticator = app.Services.GetRequiredService<EdgeAuthenticator>();
        app.Use((context, next) =>
        {
            var finding = authenticator.AuthenticateAsync(context);
            if (!finding.IsCompletedSuccessfully)
            {
                return AwaitAsync(finding, context, next);
            }

            Set(context, finding.Result);
            return next(context);
        });
    }

    private static async Task AwaitAsync(ValueTask<AuthenticateResult> finding, HttpContext context, RequestDelegate next)
    {
        Set(context, await finding);
        await next(context);
    }

    private static void Set(HttpContext context, AuthenticateResult result)
    {
        if (result is { Succeeded: true, Principal: { } principal })
        {
            context.User = principal;
            context.Features.Set<IAuthenticateResultFeature>(new ResultFeature(result));
        }
    }

    // Authorization takes the result from here instead of asking again.
    private sealed class ResultFeature(AuthenticateResult result) : IAuthenticateResultFeature
    {
        public AuthenticateResult? AuthenticateResult { get; set; } = result;
    }
}
