using BotGeneric.Gateway.Authentication;
using BotGeneric.Gateway.Localization;
using BotGeneric.Gateway.Routing;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using StackExchange.Redis;

namespace BotGeneric.Gateway.Session;

/// <summary>What a page may know about the session: nothing that could be used in its place.</summary>
/// <param name="SignedIn">Whether somebody is signed in.</param>
/// <param name="Sub">The person's id; null when nobody is.</param>
/// <param name="Name">What to call the person; null when unknown.</param>
/// <param name="Expires">When the session ends at the latest, UTC.</param>
public sealed record SessionDocument(bool SignedIn, string? Sub, string? Name, DateTimeOffset? Expires);

/// <summary><c>/session</c>: sign in, sign out, and who is signed in.</summary>
internal static class SessionApi
{
    private const string LoginPath = "/session/login";
    private const string StepUp = "step-up";
    private const string SignedOutPath = "/session/signed-out";

    internal static void MapSession(this WebApplication app)
    {
        var session = app.MapGroup("/session").WithTags("Session").AllowAnonymous();
        session.MapGet("", (Delegate)GetAsync).WithName("GetSession").WithMetadata(new EdgeRules(LimitClass.Pages, CrossSiteRule.WithSession));
        session.MapGet("/login", LoginAsync).WithName("Login").WithMetadata(new EdgeRules(LimitClass.SignIn, CrossSiteRule.WithSession));
        session.MapPost("/logout", LogoutAsync).WithName("Logout").WithMetadata(new EdgeRules(LimitClass.SignIn, CrossSiteRule.Always));
        session.MapGet("/signed-out", SignedOut).ExcludeFromDescription().WithMetadata(new EdgeRules(LimitClass.Pages, CrossSiteRule.WithSession));
        session.MapPost("/back-channel-logout", BackChannelLogoutAsync)
            .DisableAntiforgery()
            .ExcludeFromDescription()
            .WithMetadata(new EdgeRules(LimitClass.Api, CrossSiteRule.Exempt, IgnoresCredentials: true));
    }

    /// <summary>Where somebody who asks for a page without a session signs in and comes back from.</summary>
    internal static string LoginAddress(HttpRequest request) =>
        QueryHelpers.AddQueryString(LoginPath, "returnUrl", $"{request.Path}{request.QueryString}");

    /// <summary>Who is signed in.</summary>
    /// <param name="context">The request.</param>
    internal static async Task<JsonHttpResult<SessionDocument>> GetAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        var result = await context.AuthenticateAsync();
        return TypedResults.Json(result.Succeeded
            ? new SessionDocument(true, result.Principal.FindFirst("sub")?.Value, result.Principal.FindFirst("name")?.Value, result.Properties?.ExpiresUtc)
            : new SessionDocument(false, null, null, null));
    }

    /// <summary>Begins a sign-in at Identity.</summary>
    /// <param name="returnUrl">Where to go afterwards: a path of this origin. Default <c>/</c>.</param>
    /// <param name="prompt"><c>login</c> to ask for the credentials again, <c>step-up</c> for a second factor as acts of admins demand it, <c>create</c> to register.</param>
    /// <param name="context">The request.</param>
    internal static async Task<Results<EmptyHttpResult, ProblemHttpResult>> LoginAsync(string? returnUrl, string? prompt, HttpContext context)
    {
        if (returnUrl is not null && !ReturnUrl.IsLocal(returnUrl))
        {
            return ApiProblems.Invalid("returnUrl", EdgeTexts.Get("return-url"));
        }

        if (prompt is not (null or "login" or "create" or StepUp))
        {
            return ApiProblems.Invalid("prompt", EdgeTexts.Get("prompt"));
        }

        var properties = new AuthenticationProperties { RedirectUri = returnUrl ?? "/" };
        if (prompt == StepUp)
        {
            properties.SetParameter<TimeSpan?>(OpenIdConnectParameterNames.MaxAge, ApiPolicies.StepUpMaximumAge);
            properties.SetParameter(OpenIdConnectParameterNames.AcrValues, ApiPolicies.SecondFactorContext);
        }
        else if (prompt is not null)
        {
            properties.SetParameter(OpenIdConnectParameterNames.Prompt, prompt);
        }

        try
        {
            await context.ChallengeAsync(EdgeSchemes.SignIn, properties);
            return TypedResults.Empty;
        }
        catch (Exception exception) when (SessionExtensions.IsIdentityAway(exception))
        {
            context.Response.Headers.RetryAfter = "5";
            return ApiProblems.Problem(StatusCodes.Status503ServiceUnavailable, EdgeTexts.Get("sign-in-away"));
        }
    }

    /// <summary>Ends the session here and then at Identity.</summary>
    /// <remarks>Sent by a form of this site. The answer leads the browser to Identity, which leads it back.</remarks>
    /// <param name="context">The request.</param>
    /// <param name="sessions">Reads and forgets the cookie.</param>
    /// <param name="store">Holds the session.</param>
    /// <param name="identity">Is told.</param>
    /// <param name="options">Where Identity is.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    internal static async Task<Results<RedirectHttpResult, ProblemHttpResult>> LogoutAsync(
        HttpContext context,
        SessionAuthenticator sessions,
        RedisTicketStore store,
        IdentityClient identity,
        IOptions<IdentityOptions> options,
        CancellationToken cancellationToken)
    {
        string? idToken = null;
        try
        {
            // The cookie's own scheme: a session whose token cannot be exchanged any more is ended all the same.
            var result = await context.AuthenticateAsync(EdgeSchemes.Session);
            if (result.Properties is { } properties && properties.Key() is { } key)
            {
                idToken = properties.GetTokenValue(SessionTicket.IdToken);
                await store.RemoveAsync(key);
                if (properties.GetTokenValue(SessionTicket.RefreshToken) is { Length: > 0 } refreshToken)
                {
                    await identity.RevokeAsync(refreshToken, cancellationToken);
                }
            }
        }
        catch (Exception exception) when (exception is RedisException or RedisTimeoutException)
        {
            context.Response.Headers.RetryAfter = "5";
            return ApiProblems.Problem(StatusCodes.Status503ServiceUnavailable, EdgeTexts.Get("sign-out-away"));
        }

        sessions.Forget(context);
        context.Response.Headers.CacheControl = "no-store";
        if (idToken is null)
        {
            return TypedResults.Redirect(SignedOutPath);
        }

        return TypedResults.Redirect(QueryHelpers.AddQueryString(options.Value.Public("connect/logout"), new Dictionary<string, string?>
        {
            ["id_token_hint"] = idToken,
            ["post_logout_redirect_uri"] = options.Value.Public(SignedOutPath[1..]),
            ["client_id"] = BrowserSessionOptions.ClientId,
        }));
    }

    /// <summary>Where Identity leads a browser back to.</summary>
    internal static RedirectHttpResult SignedOut() => TypedResults.Redirect("/");

    /// <summary>Where Identity says that sessions are over.</summary>
    internal static async Task<Results<Ok, BadRequest<Dictionary<string, string>>>> BackChannelLogoutAsync(
        HttpContext context, BackChannelLogout logout, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(cancellationToken) : FormCollection.Empty;
        return form["logout_token"] is [{ Length: > 0 } token] && await logout.EndAsync(token, cancellationToken)
            ? TypedResults.Ok()
            : TypedResults.BadRequest(new Dictionary<string, string> { ["error"] = "invalid_request" });
    }
}
