using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Simulators.SignIn.Protocol;

/// <summary>An error by its name in RFC 6749.</summary>
/// <param name="Code">Its name, such as <c>invalid_grant</c>.</param>
/// <param name="Description">What is wrong, for the developer.</param>
/// <param name="Status">The HTTP status, where it is not sent by a redirect.</param>
internal sealed record OAuthError(string Code, string Description, int Status = StatusCodes.Status400BadRequest)
{
    internal const string InvalidRequest = "invalid_request";
    internal const string InvalidClient = "invalid_client";
    internal const string InvalidGrant = "invalid_grant";
    internal const string InvalidScope = "invalid_scope";
    internal const string UnsupportedResponseType = "unsupported_response_type";

    /// <summary>For <c>WWW-Authenticate</c>, where the status is 401.</summary>
    internal string? Challenge { get; init; }

    internal static OAuthError Request(string description) => new(InvalidRequest, description);

    internal static OAuthError Grant(string description) => new(InvalidGrant, description);

    internal JsonHttpResult<JsonObject> ToJson(HttpContext context)
    {
        if (Challenge is not null)
        {
            context.Response.Headers.WWWAuthenticate = Challenge;
        }

        return TypedResults.Json(new JsonObject { ["error"] = Code, ["error_description"] = Description }, statusCode: Status);
    }
}
