using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace BotGeneric.ServiceDefaults.Http;

/// <summary>
/// A path that leads nowhere is 404 for everybody. Without this the rule that every endpoint demands a credential would
/// answer it with 401, as if signing in could help.
/// </summary>
internal static class UnmatchedRequests
{
    private static readonly Endpoint NotFound = Open(
        context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        },
        "404");

    internal static void UseUnmatchedRequests(this WebApplication app) => app.Use((context, next) =>
    {
        if (context.GetEndpoint() is not RouteEndpoint)
        {
            // Routing has answers of its own, such as 405 for a method that a known path does not support.
            context.SetEndpoint(context.GetEndpoint() is { RequestDelegate: { } refuse } refusal ? Open(refuse, refusal.DisplayName) : NotFound);
        }

        return next(context);
    });

    private static Endpoint Open(RequestDelegate answer, string? name) =>
        new(answer, new EndpointMetadataCollection(new AllowAnonymousAttribute()), name);
}
