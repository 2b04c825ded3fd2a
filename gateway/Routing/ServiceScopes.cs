using System.Collections.Frozen;
using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.Gateway.Authentication;
using BotGeneric.Gateway.Localization;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.Net.Http.Headers;

namespace BotGeneric.Gateway.Routing;

/// <summary>
/// Refuses a key without any scope of the service that a path leads to. The token that it stands for is not meant for that service, which would call it invalid (401); but
/// the key is valid, and what its owner needs to hear is which scope is missing (RFC 6750, section 3.1).
/// </summary>
internal static class ServiceScopes
{
    private static readonly FrozenDictionary<string, string> ScopesOf = ServiceNames.All.ToFrozenDictionary(
        service => service, service => string.Join(' ', ApiScopes.All.Where(scope => ApiScopes.AudiencesOf(scope).Contains(service) && scope != ApiScopes.Admin)));

    /// <summary>The services that a caller has any scope of.</summary>
    /// <param name="caller">The claims of the token.</param>
    internal static FrozenSet<string> Of(ClaimsPrincipal caller) => caller.FindAll("scope")
        .SelectMany(claim => claim.Value.Split(' '))
        .SelectMany(ApiScopes.AudiencesOf)
        .ToFrozenSet(StringComparer.Ordinal);

    internal static Task EnforceAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<EdgeRequest>()?.Key is not { } key)
        {
            return next(context);
        }

        var service = context.GetReverseProxyFeature().Cluster.Config.ClusterId;
        if (key.Services.Contains(service) || ScopesOf[service].Length == 0)
        {
            return next(context);
        }

        context.Response.Headers[HeaderNames.WWWAuthenticate] = $"Bearer error=\"insufficient_scope\", scope=\"{ScopesOf[service]}\"";
        return ApiProblems.Problem(
            StatusCodes.Status403Forbidden, EdgeTexts.Get("key-scope", ScopesOf[service]))
            .ExecuteAsync(context);
    }
}
