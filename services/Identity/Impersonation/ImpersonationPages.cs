using BotGeneric.Identity.Administration;
using BotGeneric.Identity.Sessions;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.WebUi.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;

namespace BotGeneric.Identity.Impersonation;

/// <summary>The way out of acting as somebody else. The way in is on the person's page for admins.</summary>
internal static class ImpersonationPages
{
    /// <summary>Where the form of the banner posts.</summary>
    public const string End = "/account/impersonation/end";

    /// <summary>Maps it.</summary>
    public static void MapImpersonationPages(this IEndpointRouteBuilder app)
    {
        var pages = app.MapPageGroup().RequireAuthorization(SessionCookie.SignedInPolicy);
        pages.MapPost(End, EndAsync).AllowWhileImpersonating();
    }

    /// <summary>
    /// Where a browser goes whose session at Identity has changed hands: the gateway has a session of its own, which follows by the ordinary sign-in,
    /// without a question.
    /// </summary>
    /// <param name="next">Where to go afterwards.</param>
    public static string ThroughGateway(string next) => QueryHelpers.AddQueryString("/session/login", "returnUrl", next);

    // Also when it is over already: the button of an old page leads back all the same.
    private static async Task<RedirectHttpResult> EndAsync(
        HttpContext context, Impersonations impersonations, CancellationToken cancellationToken)
    {
        var current = (await context.GetCurrentSessionAsync())!;
        if (current.Actor is null)
        {
            return TypedResults.LocalRedirect("/account");
        }

        await impersonations.LeaveAsync(context, current, cancellationToken);
        return TypedResults.LocalRedirect(ThroughGateway($"{AdminPages.Users}/{current.User.Id}?done=over"));
    }
}
