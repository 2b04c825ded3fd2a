using System.Security.Claims;
using BotGeneric.Contracts.Identity;
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
            .RequireScope(ApiScopes.UsersRead)
            .MapGet("/me", GetMe);

    /// <summary>Who the credential of this request stands for. A way to find out whether a key works.</summary>
    internal static Ok<CurrentUser> GetMe(ClaimsPrincipal user)
    {
        var caller = Caller.Of(user);
        return TypedResults.Ok(new CurrentUser(caller.Subject, caller.IsAdmin));
    }
}

/// <summary>Who is calling.</summary>
/// <param name="Subject">The subject of the credential.</param>
/// <param name="IsAdmin">Whether the caller runs the system.</param>
public sealed record CurrentUser(string Subject, bool IsAdmin);
