using System.Security.Claims;
using BotGeneric.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Identity.Api;

/// <summary>People, as themselves.</summary>
public static class UsersApi
{
    /// <summary>Maps <c>/api/users</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapUsersApi(this IEndpointRouteBuilder app) =>
        app.MapGroup("/api/users")
            .WithTags("Users")
            .MapGet("/me", GetMe);

    /// <summary>Who the credential of this request stands for. A way to find out whether a key works.</summary>
    internal static Ok<Caller> GetMe(ClaimsPrincipal user) =>
        TypedResults.Ok(new Caller(user.Identity?.Name ?? string.Empty, user.IsInRole(ApiPolicies.AdminRole)));
}

/// <summary>Who is calling.</summary>
/// <param name="Subject">The subject of the credential.</param>
/// <param name="IsAdmin">Whether the caller runs the system.</param>
public sealed record Caller(string Subject, bool IsAdmin);
