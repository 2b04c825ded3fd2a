using BotGeneric.WebUi.Localization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace BotGeneric.Landing.Pages;

/// <summary>Where the pages are.</summary>
internal static class PagesEndpoints
{
    // Monitors and link checkers ask with HEAD; the pages of today take no forms.
    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    internal static void MapPages(this WebApplication app)
    {
        app.MapStaticAssets().AllowAnonymous();
        app.MapMethods("/", ReadMethods, RedirectToLanguage).AllowAnonymous().ExcludeFromDescription();
        app.MapRazorComponents<App>().WithMetadata(new HttpMethodMetadata(ReadMethods)).AllowAnonymous();
        app.MapFallback("{**path}", () => new RazorComponentResult<NotFound> { StatusCode = StatusCodes.Status404NotFound })
            .AllowAnonymous();
    }

    // The answer depends on who asks, so no cache on the way may keep it.
    private static RedirectHttpResult RedirectToLanguage(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Vary = $"{HeaderNames.AcceptLanguage}, {HeaderNames.Cookie}";
        return TypedResults.Redirect($"/{PageLanguage.Current}");
    }
}
