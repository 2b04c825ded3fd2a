using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Pages.Connect;
using BotGeneric.Identity.TokenServer.Clients;
using BotGeneric.Identity.TokenServer.Endpoints;
using BotGeneric.ServiceDefaults.Authentication;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.TokenServer;

/// <summary>The token server's endpoints and pages. Those that need no code of ours (discovery, introspection, …) are answered before routing.</summary>
public static class TokenServerEndpoints
{
    private static readonly string[] GetAndPost = [HttpMethods.Get, HttpMethods.Post];

    /// <summary>Maps <c>/connect</c>, the pages that belong to it, and the administration of clients.</summary>
    /// <param name="app">The service.</param>
    public static void MapTokenServer(this IEndpointRouteBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);

        // Who the caller is and what may be done is what these endpoints are there to find out.
        var connect = app.MapGroup(string.Empty).ExcludeFromDescription().AllowAnonymous().DisableAntiforgery();
        connect.MapPost(TokenServerNames.Token, TokenEndpoint.HandleAsync);
        connect.MapMethods(TokenServerNames.UserInfo, GetAndPost, UserInfoEndpoint.HandleAsync);

        var pages = connect.MapGroup(string.Empty);
        pages.AddEndpointFilter((invocation, next) =>
        {
            var context = invocation.HttpContext;
            // The token server leaves its 400 for a page of ours to explain; the framework takes one for a failure of its own and would not call the handler.
            context.Response.StatusCode = StatusCodes.Status200OK;
            NavigationHop.Prepare(context, context.RequestServices.GetRequiredService<IOptions<OriginOptions>>().Value.Issuer!);
            return next(invocation);
        });
        pages.MapMethods(TokenServerNames.Authorize, GetAndPost, AuthorizeEndpoint.HandleAsync);
        pages.MapMethods(TokenServerNames.EndSession, GetAndPost, EndSessionEndpoint.HandleAsync).AllowWhileImpersonating();
        pages.MapMethods(TokenServerNames.EndSessionAlias, GetAndPost, EndSessionEndpoint.HandleAsync).AllowWhileImpersonating();
        pages.MapMethods(TokenServerNames.Device, GetAndPost, DeviceEndpoint.HandleAsync);
        pages.MapGet($"{TokenServerNames.Device}/{{result}}", DeviceEndpoint.Done);
        pages.MapGet(TokenServerNames.SignedOut, () => new Microsoft.AspNetCore.Http.HttpResults.RazorComponentResult<SignedOutPage>());

        app.MapApplicationsPages();
        app.MapClientsPages();
        app.MapAdminClientsApi();
    }
}
