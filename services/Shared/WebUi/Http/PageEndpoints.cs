using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace BotGeneric.WebUi.Http;

/// <summary>Pages that belong to one person or hold a form, mapped as endpoints: a handler decides, a component shows.</summary>
public static class PageEndpoints
{
    /// <summary>A group of pages: no part of the API's description, and no cache keeps them.</summary>
    /// <param name="app">The service.</param>
    /// <returns>The group.</returns>
    public static RouteGroupBuilder MapPageGroup(this IEndpointRouteBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var pages = app.MapGroup(string.Empty).ExcludeFromDescription();
        pages.AddEndpointFilter(async (context, next) =>
        {
            context.HttpContext.Response.Headers.CacheControl = "no-cache, no-store";
            return await next(context);
        });
        return pages;
    }

    /// <summary>A page with its model, passed as the parameter <c>Model</c>.</summary>
    /// <param name="model">What the page shows.</param>
    /// <param name="status">The HTTP status; 200 unless something is wrong.</param>
    /// <typeparam name="TPage">The component.</typeparam>
    /// <typeparam name="TModel">The type of its model.</typeparam>
    public static RazorComponentResult Page<TPage, TModel>(TModel model, int status = StatusCodes.Status200OK)
        where TPage : IComponent =>
        new(typeof(TPage), new Dictionary<string, object?> { ["Model"] = model }) { StatusCode = status };
}
