using System.Security.Claims;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
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
        var session = await SessionOfAsync(http);
        if (session is { ClientId: null } && session.AuthenticatedAt >= http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow() - fresh)
        {
            return await next(context);
        }

        http.Response.Headers.WWWAuthenticate =
            $"Bearer error=\"insufficient_user_authentication\", error_description=\"A more recent authentication is required\", max_age=\"{(int)fresh.TotalSeconds}\"";
        // Behind a key, and in the session of a device, nobody can show anything again.
        return ApiProblems.Problem(
            StatusCodes.Status401Unauthorized, AccessTexts.Get(http.User.KeyId() is not null || session?.ClientId is not null ? "confirm-in-person" : "confirm-first"),
            ProblemTypes.SignInAgain);
    }

    private static async Task<UserSession?> SessionOfAsync(HttpContext http) =>
        http.User.SessionId() is { } sessionId && http.User.PersonId() is { } userId
            ? await http.RequestServices.GetRequiredService<IdentityDbContext>().Sessions.AsNoTracking().SingleOrDefaultAsync(
                session => session.Id == sessionId && session.UserId == userId && session.RevokedAt == null, http.RequestAborted)
            : null;
}
