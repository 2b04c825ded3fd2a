using System.Security.Claims;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Sessions;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;

namespace BotGeneric.Identity.Access;

/// <summary>What an endpoint of this service demands of its caller beyond a token.</summary>
internal static class EndpointDemands
{
    /// <summary>Demands a person: a client that acts for itself has no organizations and no keys.</summary>
    public static TBuilder RequirePerson<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.AddEndpointFilter(async (context, next) =>
            context.HttpContext.User.PersonId() is null
                ? ApiProblems.Problem(StatusCodes.Status403Forbidden, AccessTexts.Get("person-needed"))
                : await next(context));

    /// <summary>
    /// Demands that the person showed a credential a moment ago in the session of the token, as the database says: a token may be older than the
    /// confirmation. A key has no session, and in that of a device nobody shows a credential: they can never do it. RFC 9470.
    /// </summary>
    public static TBuilder RequireFreshSession<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.AddEndpointFilter(FreshAsync);

    /// <summary>
    /// The same, except for a key: nobody sits there who could show anything, and whoever gave it its scopes did so with a fresh credential.
    /// </summary>
    public static TBuilder RequireFreshSessionOrKey<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.AddEndpointFilter(
            async (context, next) => context.HttpContext.User.KeyId() is not null ? await next(context) : await FreshAsync(context, next));

    /// <summary>
    /// Refuses the applications of others: what they make in a person's name would outlive the person's consent.
    /// </summary>
    public static TBuilder RequireOwnApplication<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            var clients = http.RequestServices.GetRequiredService<IOpenIddictApplicationManager>();
            var isForeign = http.User.FindFirstValue("client_id") is { } clientId
                && await clients.FindByClientIdAsync(clientId, http.RequestAborted) is { } client
                && !await clients.HasConsentTypeAsync(client, OpenIddictConstants.ConsentTypes.Implicit, http.RequestAborted);
            return isForeign ? ApiProblems.Problem(StatusCodes.Status403Forbidden, AccessTexts.Get("own-application-only")) : await next(context);
        });

    private static async ValueTask<object?> FreshAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var fresh = http.RequestServices.GetRequiredService<IOptions<UserSessionOptions>>().Value.Fresh;
        if (await IsFreshAsync(http, fresh))
        {
            return await next(context);
        }

        http.Response.Headers.WWWAuthenticate =
            $"Bearer error=\"insufficient_user_authentication\", error_description=\"A more recent authentication is required\", max_age=\"{(int)fresh.TotalSeconds}\"";
        return ApiProblems.Problem(StatusCodes.Status401Unauthorized, AccessTexts.Get("confirm-first"), ProblemTypes.SignInAgain);
    }

    private static async Task<bool> IsFreshAsync(HttpContext http, TimeSpan fresh)
    {
        if (http.User.SessionId() is not { } sessionId || http.User.PersonId() is not { } userId)
        {
            return false;
        }

        var since = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow() - fresh;
        return await http.RequestServices.GetRequiredService<IdentityDbContext>().Sessions.AnyAsync(
            session => session.Id == sessionId && session.UserId == userId && session.ClientId == null && session.RevokedAt == null && session.AuthenticatedAt >= since,
            http.RequestAborted);
    }
}
