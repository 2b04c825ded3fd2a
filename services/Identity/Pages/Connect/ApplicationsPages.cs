using BotGeneric.Identity.Sessions;
using BotGeneric.Identity.TokenServer;
using BotGeneric.WebUi.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Identity.Pages.Connect;

/// <summary><c>/account/applications</c>: what the person allowed to whom, and taking it back.</summary>
internal static class ApplicationsPages
{
    private const string Address = "/account/applications";

    public static void MapApplicationsPages(this IEndpointRouteBuilder app)
    {
        var pages = app.MapPageGroup().RequireAuthorization(SessionCookie.SignedInPolicy);
        pages.MapGet(Address, ShowAsync);
        pages.MapPost(Address, RevokeAsync);
    }

    private static async Task<RazorComponentResult> ShowAsync(HttpContext context, Consents consents, CancellationToken cancellationToken)
    {
        var current = (await context.GetCurrentSessionAsync())!;
        return PageEndpoints.Page<ApplicationsPage, ApplicationsModel>(
            new ApplicationsModel(await consents.ListAsync(current.User.Id, cancellationToken)));
    }

    private static async Task<RedirectHttpResult> RevokeAsync(
        HttpContext context, [FromForm] string application, Consents consents, CancellationToken cancellationToken)
    {
        var current = (await context.GetCurrentSessionAsync())!;
        await consents.WithdrawAsync(current.User.Id, application, cancellationToken);
        return TypedResults.LocalRedirect(Address);
    }
}
