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
/// The page on which a person enters the code that a device shows, sees what the device wants, and allows it or not. A code that came with the address is
/// shown and must be confirmed too (RFC 8628, section 5.4): a link alone signs no device in.
/// </summary>
internal static class DeviceEndpoint
{
    public static async Task<IResult> HandleAsync(
        HttpContext context, IOpenIddictApplicationManager clients, Consents consents, TokenPrincipals principals, CodeGuesses guesses,
        IAntiforgery antiforgery, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-cache, no-store";
        var code = context.GetOpenIddictServerRequest()?.UserCode;
        if (await context.GetCurrentSessionAsync() is not { } current)
        {
            var here = code is null ? TokenServerNames.Device : QueryHelpers.AddQueryString(TokenServerNames.Device, "user_code", code);
            return TypedResults.Redirect(QueryHelpers.AddQueryString("/login", "returnUrl", here));
        }

        var userId = current.User.Id;
        if (string.IsNullOrEmpty(code))
        {
            return Page(new DeviceModel(DeviceStep.Enter));
        }

        if (await guesses.AreTooManyAsync(userId))
        {
            return Page(new DeviceModel(DeviceStep.Enter, Problem: DeviceProblem.TooMany), StatusCodes.Status429TooManyRequests);
        }

        var credential = await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        if (context.GetOpenIddictServerResponse()?.Error is not null || credential.Principal?.GetClaim(OpenIddictConstants.Claims.ClientId) is not { } clientId
            || await clients.FindByClientIdAsync(clientId, cancellationToken) is not { } client)
        {
            return Page(new DeviceModel(DeviceStep.Enter, Problem: DeviceProblem.Unknown), StatusCodes.Status422UnprocessableEntity);
        }

        await guesses.TakeBackAsync(userId);

        var scopes = credential.Principal.GetScopes();
        switch (await DecisionAsync(context, antiforgery))
        {
            case AuthorizeEndpoint.Allow:
                await consents.GiveAsync(userId, client, scopes, cancellationToken);
                // Until the device comes for it, what was allowed stands on the session in which it was. Then the device gets a session of its own.
                var subject = new TokenSubject(current.User, current.Session.Id, Authentication.Of(current.Session), null);
                return TypedResults.SignIn(
                    principals.Create(subject, scopes), Back("allowed"), OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
            case AuthorizeEndpoint.Deny:
                return TypedResults.Forbid(Back("denied"), [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
            default:
                return Page(new DeviceModel(
                    DeviceStep.Confirm, code, await Consents.NameAsync(clients, client, cancellationToken), [.. scopes],
                    current.User.DisplayName ?? current.User.Email));
        }
    }

    /// <summary>The page after the decision.</summary>
    public static IResult Done(string result) => result switch
    {
        "allowed" => Page(new DeviceModel(DeviceStep.Allowed)),
        "denied" => Page(new DeviceModel(DeviceStep.Denied)),
        _ => TypedResults.NotFound(),
    };

    private static AuthenticationProperties Back(string result) => new() { RedirectUri = $"{TokenServerNames.Device}/{result}" };

    private static IResult Page(DeviceModel model, int status = StatusCodes.Status200OK) =>
        PageEndpoints.Page<DevicePage, DeviceModel>(model, status);

    private static async Task<string?> DecisionAsync(HttpContext context, IAntiforgery antiforgery) =>
        HttpMethods.IsPost(context.Request.Method) && context.Request.Form.TryGetValue(AuthorizeEndpoint.DecisionField, out var decision)
        && await antiforgery.IsRequestValidAsync(context)
            ? (string?)decision
            : null;
}
