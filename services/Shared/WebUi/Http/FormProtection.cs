using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.WebUi.Http;

/// <summary>
/// What changes something outside of the API must prove that a page of ours sent it. Here, in front of every endpoint, instead of at each: the framework
/// looks at the token of those alone that read a form, so an endpoint without a field would take a request from anywhere. One that must take requests from
/// elsewhere says <c>DisableAntiforgery()</c>.
/// </summary>
public static class FormProtection
{
    /// <summary>Puts the check in front of the endpoints: after authentication, because a token belongs to a person, and after the choice of a language.</summary>
    /// <param name="app">The process.</param>
    /// <returns>The same process.</returns>
    public static WebApplication UseFormProtection(this WebApplication app)
    {
        app.UseAntiforgery();
        app.Use(async (context, next) =>
        {
            if (IsConcerned(context) && !await IsFromOurPageAsync(context))
            {
                await ApiProblems.Problem(
                    StatusCodes.Status400BadRequest, "The request did not come from a page of this system, or the page is out of date. Reload the page.",
                    ProblemTypes.StaleForm).ExecuteAsync(context);
                return;
            }

            await next(context);
        });
        return app;
    }

    private static bool IsConcerned(HttpContext context) =>
        !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method) && !HttpMethods.IsOptions(context.Request.Method)
        // The cookie stands for nobody at the API.
        && !context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
        // What leads nowhere is told so.
        && context.GetEndpoint() is RouteEndpoint endpoint
        && endpoint.Metadata.GetMetadata<IAntiforgeryMetadata>() is not { RequiresValidation: false };

    private static async Task<bool> IsFromOurPageAsync(HttpContext context)
    {
        if (context.Features.Get<IAntiforgeryValidationFeature>() is { } validated)
        {
            return validated.IsValid;
        }

        try
        {
            return await context.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(context);
        }
        catch (AntiforgeryValidationException)
        {
            // A form that cannot be read.
            return false;
        }
    }
}
