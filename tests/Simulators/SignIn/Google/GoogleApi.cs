using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using BotGeneric.Simulators.SignIn.Protocol;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Simulators.SignIn.Google;

/// <summary>The endpoints of the Google-like provider.</summary>
public static class GoogleApi
{
    internal static void MapGoogle(this IEndpointRouteBuilder app)
    {
        var group = app.MapProvider(app.ServiceProvider.GetRequiredService<GoogleProvider>(), "/o/oauth2/v2/auth", "/token", "/oauth2/v3/certs");
        group.MapGet("/v1/userinfo", UserInfo);
        group.MapPost("/v1/userinfo", UserInfo);
        group.MapPost("/revoke", RevokeAsync);
    }

    private static JsonHttpResult<JsonObject> UserInfo(GoogleProvider provider, HttpContext context)
    {
        var token = AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization, out var header)
            && "Bearer".Equals(header.Scheme, StringComparison.OrdinalIgnoreCase)
                ? header.Parameter
                : null;
        return provider.FindToken(token) is { IsRefresh: false } issued
            ? TypedResults.Json(GoogleProvider.UserInfo(issued.Grant))
            : new OAuthError("invalid_token", "Invalid Credentials", StatusCodes.Status401Unauthorized)
            {
                Challenge = "Bearer error=\"invalid_token\"",
            }.ToJson(context);
    }

    /// <summary>Google asks for no client here, takes the token from the address too, and, against RFC 7009, refuses one that it does not know.</summary>
    private static async Task<JsonHttpResult<JsonObject>> RevokeAsync(GoogleProvider provider, HttpContext context, CancellationToken cancellationToken)
    {
        var token = context.Request.Query["token"] is [{ Length: > 0 } inAddress]
            ? inAddress
            : (await OAuthParameters.OfFormAsync(context.Request, cancellationToken))?["token"];
        if (provider.FindToken(token) is not { } issued)
        {
            return new OAuthError("invalid_token", "Token expired or revoked").ToJson(context);
        }

        provider.Forget(issued.Grant.Request.Client.ClientId, issued.Grant.Person.Subject);
        return TypedResults.Json(new JsonObject());
    }
}
