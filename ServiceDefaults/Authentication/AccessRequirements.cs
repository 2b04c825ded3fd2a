using System.Globalization;
using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace BotGeneric.ServiceDefaults.Authentication;

/// <summary>Says what an endpoint demands of its caller's token.</summary>
public static class AccessExtensions
{
    /// <summary>
    /// Demands a token with a scope. Without a token the answer is 401, without the scope 403 with its name. The OpenAPI document names it too.
    /// The scope says what may be done; whose data it may be done to is for the endpoint to decide (<see cref="AccountAccess"/>).
    /// An endpoint that changes something refuses people who act in the caller's name (<see cref="ApiPolicies.NotImpersonated"/>), unless it says
    /// <see cref="AllowWhileImpersonating"/>: so one that is added tomorrow is closed to them too.
    /// </summary>
    /// <typeparam name="TBuilder">The endpoint or group.</typeparam>
    /// <param name="builder">The endpoint or group.</param>
    /// <param name="scope">One of <see cref="ApiScopes"/>.</param>
    /// <returns>The same builder.</returns>
    public static TBuilder RequireScope<TBuilder>(this TBuilder builder, string scope)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(scope);
        builder.RequireAuthorization(policy => policy.RequireAuthenticatedUser().AddRequirements(new ScopeRequirement(scope)));
        // When the endpoint is complete: what it allows may be said after this.
        builder.Finally(endpoint =>
        {
            if (ChangesSomething(endpoint) && !endpoint.Metadata.OfType<AllowedWhileImpersonating>().Any())
            {
                endpoint.Metadata.Add(new AuthorizeAttribute(ApiPolicies.NotImpersonated));
            }
        });
        return builder;
    }

    /// <summary>Lets a person who acts in somebody's name use an endpoint with an unsafe method: it changes nothing of that person's.</summary>
    /// <typeparam name="TBuilder">The endpoint or group.</typeparam>
    /// <param name="builder">The endpoint or group.</param>
    /// <returns>The same builder.</returns>
    public static TBuilder AllowWhileImpersonating<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AllowedWhileImpersonating());

    private static bool ChangesSomething(EndpointBuilder endpoint) =>
        endpoint.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault() is not { } methods
        || methods.HttpMethods.Count == 0
        || methods.HttpMethods.Any(method => !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) && !HttpMethods.IsOptions(method));
}

/// <summary>Whoever acts in a person's name may use this endpoint, whatever its method.</summary>
public sealed class AllowedWhileImpersonating;

/// <summary>The token has a scope.</summary>
/// <param name="scope">The scope.</param>
public sealed class ScopeRequirement(string scope) : AuthorizationHandler<ScopeRequirement>, IAuthorizationRequirement
{
    /// <summary>The scope.</summary>
    public string Scope { get; } = scope;

    /// <inheritdoc />
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, ScopeRequirement requirement)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(requirement);
        if (TokenClaims.HasScope(context.User, requirement.Scope))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}

/// <summary>An admin has shown what dangerous acts demand, a second factor, a short while ago (<see cref="ApiClaims.StepUpTime"/>).</summary>
/// <param name="maximumAge">How long ago at most.</param>
public sealed class RecentSignInRequirement(TimeSpan maximumAge) : IAuthorizationRequirement
{
    /// <summary>How long ago at most.</summary>
    public TimeSpan MaximumAge { get; } = maximumAge;
}

/// <summary>No other person acts in the name of the token's subject (<see cref="Caller.IsImpersonated"/>).</summary>
public sealed class NotImpersonatedRequirement : AuthorizationHandler<NotImpersonatedRequirement>, IAuthorizationRequirement
{
    /// <inheritdoc />
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, NotImpersonatedRequirement requirement)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(requirement);
        if (!Caller.Of(context.User).IsImpersonated)
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}

/// <summary>Compares <see cref="ApiClaims.StepUpTime"/> with the clock. <c>auth_time</c> would not do: a password alone, or a click at another provider, moves it.</summary>
/// <param name="timeProvider">The clock.</param>
internal sealed class RecentSignInHandler(TimeProvider timeProvider) : AuthorizationHandler<RecentSignInRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RecentSignInRequirement requirement)
    {
        // A key or a service has none: nobody sits there who could show anything.
        if (TokenClaims.StepUpTime(context.User) is { } signedIn
            && timeProvider.GetUtcNow() - signedIn is var age
            && age <= requirement.MaximumAge && age >= -TokenClaims.ClockSkew)
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}

/// <summary>Reads the claims of an access token (RFC 9068).</summary>
internal static class TokenClaims
{
    internal const string Subject = "sub";
    internal const string ClientId = "client_id";
    internal const string Scope = "scope";
    internal const string SessionId = "sid";

    // The clocks of one installation are kept together by NTP.
    internal static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    internal static bool HasScope(ClaimsPrincipal user, string scope)
    {
        if (ValidatedIdentity.Of(user) is { } identity)
        {
            return identity.HasScope(scope);
        }

        foreach (var claim in user.FindAll(Scope))
        {
            foreach (var range in claim.Value.AsSpan().Split(' '))
            {
                if (claim.Value.AsSpan(range).SequenceEqual(scope))
                {
                    return true;
                }
            }
        }

        return false;
    }

    internal static DateTimeOffset? StepUpTime(ClaimsPrincipal user) =>
        long.TryParse(user.FindFirstValue(ApiClaims.StepUpTime), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
