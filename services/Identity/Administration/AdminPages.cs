using BotGeneric.Identity.Impersonation;
using BotGeneric.Identity.Sessions;
using BotGeneric.WebUi.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace BotGeneric.Identity.Administration;

/// <summary>
/// Pages of those who run the system, with the rights that the API demands: the role, in person, with a second factor; and for every change that
/// factor within the last 15 minutes.
/// </summary>
internal static class AdminPages
{
    /// <summary>The list of people.</summary>
    public const string Users = "/account/admin/users";

    /// <summary>The audit log.</summary>
    public const string Audit = "/account/admin/audit";

    /// <summary>The deletions of people.</summary>
    public const string Erasures = "/account/admin/erasures";

    /// <summary>The client applications.</summary>
    public const string Clients = "/account/admin/clients";

    /// <summary>A group of such pages.</summary>
    /// <param name="app">The service.</param>
    /// <param name="home">Where somebody comes back to who had to show a credential before a change.</param>
    public static RouteGroupBuilder MapAdminPageGroup(this IEndpointRouteBuilder app, Func<HttpContext, string> home)
    {
        var pages = app.MapPageGroup().RequireAuthorization(SessionCookie.SignedInPolicy);
        pages.AddEndpointFilter(async (invocation, next) =>
        {
            var context = invocation.HttpContext;
            var impersonations = context.RequestServices.GetRequiredService<Impersonations>();
            var current = (await context.GetCurrentSessionAsync())!;
            if (!current.User.IsAdmin)
            {
                // Nothing is here for anybody else.
                return TypedResults.NotFound();
            }

            var isChange = !HttpMethods.IsGet(context.Request.Method);
            var back = isChange ? home(context) : $"{context.Request.Path}{context.Request.QueryString}";
            if (!impersonations.IsAdmin(current))
            {
                return TypedResults.LocalRedirect(Confirmation(back, "mfa"));
            }

            return isChange && !impersonations.IsFreshEnough(current) ? TypedResults.LocalRedirect(impersonations.Confirmation(back)) : await next(invocation);
        });
        return pages;
    }

    /// <summary>Where somebody shows a credential again.</summary>
    /// <param name="returnUrl">Where to go afterwards.</param>
    /// <param name="factor"><c>mfa</c> when it must be a second factor.</param>
    public static string Confirmation(string returnUrl, string? factor = null) => QueryHelpers.AddQueryString(
        "/account/confirm",
        new Dictionary<string, string?> { ["returnUrl"] = returnUrl, ["factor"] = factor }.Where(parameter => parameter.Value is not null));
}
