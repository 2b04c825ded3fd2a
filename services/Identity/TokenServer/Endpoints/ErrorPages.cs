using BotGeneric.Identity.Pages.Connect;
using BotGeneric.WebUi.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using OpenIddict.Abstractions;

namespace BotGeneric.Identity.TokenServer.Endpoints;

/// <summary>Errors that cannot be sent to the application, because it is not known or the address is not one of its own.</summary>
internal static class ErrorPages
{
    public static RazorComponentResult Of(OpenIddictResponse response) =>
        PageEndpoints.Page<ConnectErrorPage, ConnectErrorModel>(
            new ConnectErrorModel(response.Error!, response.ErrorDescription), StatusCodes.Status400BadRequest);
}
