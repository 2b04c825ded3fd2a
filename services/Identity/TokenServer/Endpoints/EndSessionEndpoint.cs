using BotGeneric.Identity.Data;
using BotGeneric.Identity.Pages.Connect;
using BotGeneric.Identity.Sessions;
using BotGeneric.WebUi.Http;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.WebUtilities;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;

namespace BotGeneric.Identity.TokenServer.Endpoints;

/// <summary>
/// The end of a session (OpenID Connect RP-Initiated Logout). An application that shows the identity token of this very session ends it at once; for everybody
/// else the person is asked, because any site can send a browser here.
/// </summary>
internal static class EndSessionEndpoint
{
    public static async Task<IResult> HandleAsync(
        HttpContext context, SessionService sessions, IdentityDbContext db, IAntiforgery antiforgery, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-cache, no-store";
        if (context.GetOpenIddictServerResponse() is { Error: not null } error)
        {
            return ErrorPages.Of(error);
        }

        var request = context.GetOpenIddictServerRequest()!;
        var current = await context.GetCurrentSessionAsync();
        if (current is not null)
        {
            var hint = (await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme)).Principal;
            var isOfSession = hint?.GetClaim("sid") == current.Session.Id.ToString() && hint.GetClaim(OpenIddictConstants.Claims.Subject) == current.User.Id.ToString();
            if (!isOfSession && !await IsConfirmedAsync(context, antiforgery))
            {
                return PageEndpoints.Page<SignOutPage, SignOutModel>(new SignOutModel([.. Parameters(request)]));
            }

            await sessions.SignOutAsync(current, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            await context.SignOutAsync(SessionCookie.Scheme);
        }
        else if (HttpMethods.IsPost(context.Request.Method))
        {
            // A form of another site brings no cookie of ours, so whoever is signed in looks as if they were not. A link brings it.
            return TypedResults.Redirect(QueryHelpers.AddQueryString(TokenServerNames.EndSession, Parameters(request)));
        }

        // Goes to the application's address, if it gave one that is its own, and here otherwise.
        return TypedResults.SignOut(
            new AuthenticationProperties { RedirectUri = TokenServerNames.SignedOut }, [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
    }

    private static IEnumerable<KeyValuePair<string, string?>> Parameters(OpenIddictRequest request) => request.GetParameters()
        .Where(parameter => parameter.Key is OpenIddictConstants.Parameters.ClientId or OpenIddictConstants.Parameters.IdTokenHint
            or OpenIddictConstants.Parameters.PostLogoutRedirectUri or OpenIddictConstants.Parameters.State)
        .Select(parameter => new KeyValuePair<string, string?>(parameter.Key, (string?)parameter.Value));

    private static async Task<bool> IsConfirmedAsync(HttpContext context, IAntiforgery antiforgery) =>
        HttpMethods.IsPost(context.Request.Method)
        && context.Request.Form[AuthorizeEndpoint.DecisionField] == AuthorizeEndpoint.Allow
        && await antiforgery.IsRequestValidAsync(context);
}
