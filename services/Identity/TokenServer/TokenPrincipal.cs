using System.Collections.Immutable;
using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Administration;
using BotGeneric.Identity.ApiKeys;
using BotGeneric.Identity.Domain;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace BotGeneric.Identity.TokenServer;

/// <summary>When and how a person showed who they are.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Methods"><c>amr</c> values.</param>
/// <param name="SecondFactorAt">When a second factor was last shown, UTC; null: never, or nobody knows.</param>
internal sealed record Authentication(DateTimeOffset At, IReadOnlyCollection<string> Methods, DateTimeOffset? SecondFactorAt = null)
{
    private const string SecondFactor = "mfa";

    public bool HasSecondFactor => Methods.Contains(SecondFactor);

    public static Authentication Of(UserSession session) => new(session.AuthenticatedAt, session.Methods, session.SecondFactorAt);

    /// <summary>As a token says it; null when it says nothing.</summary>
    public static Authentication? Of(ClaimsPrincipal token) =>
        long.TryParse(token.GetClaim(Claims.AuthenticationTime), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? new Authentication(DateTimeOffset.FromUnixTimeSeconds(seconds), token.GetClaims(Claims.AuthenticationMethodReference))
            : null;
}

/// <summary>What a token says of a person.</summary>
/// <param name="User">The person.</param>
/// <param name="SessionId">The session that it ends with; null: none.</param>
/// <param name="Authentication">How the person signed in; null: not at all, a key or an admin acts.</param>
/// <param name="Membership">The organization in whose name the person acts; null: in one's own.</param>
/// <param name="Impersonation">The admin who acts as the person; null: the person is there in person.</param>
internal sealed record TokenSubject(
    User User, Guid? SessionId, Authentication? Authentication, Membership? Membership, ImpersonatedSession? Impersonation = null)
{
    /// <summary>The person of a session that stands.</summary>
    public static TokenSubject Of(User user, UserSession session, Membership? membership) => session.ActorId is { } actorId
        // Nobody showed a credential of the person's: nothing that demands one can be done with the tokens.
        ? new(user, session.Id, null, membership, new ImpersonatedSession(actorId, session.ExpiresAt))
        : new(user, session.Id, Authentication.Of(session), membership);
}

/// <summary>An admin acts as a person.</summary>
/// <param name="ActorId">The admin.</param>
/// <param name="EndsAt">When it ends at the latest, UTC: no token lives longer.</param>
internal sealed record ImpersonatedSession(Guid ActorId, DateTimeOffset EndsAt);

/// <summary>Builds what tokens say. One place, so that a claim means the same whichever way a token was got.</summary>
internal sealed class TokenPrincipals(
    IOptions<OriginOptions> origin, IOptions<AdministrationOptions> administration, IOptions<TokenServerOptions> options, TimeProvider time)
{
    private const string AuthenticationType = "BotGeneric.TokenServer";

    /// <summary>A principal for a person.</summary>
    /// <param name="subject">The person, and in which way.</param>
    /// <param name="granted">What is granted, as it is remembered for the next refresh.</param>
    /// <param name="effective">What of it this access token gets; null: all.</param>
    public ClaimsPrincipal Create(TokenSubject subject, IEnumerable<string> granted, IReadOnlyCollection<string>? effective = null)
    {
        var scopes = granted.ToImmutableArray();
        var used = effective ?? scopes;
        var identity = Empty(subject.User.Id.ToString());
        AddProfile(identity, subject.User, used);
        Add(identity, "sid", subject.SessionId?.ToString());
        if (subject.Authentication is { } authentication)
        {
            identity.SetClaim(Claims.AuthenticationTime, authentication.At.ToUnixTimeSeconds());
            identity.SetClaims(Claims.AuthenticationMethodReference, [.. authentication.Methods]);
            Add(identity, Claims.AuthenticationContextReference, authentication.HasSecondFactor ? TokenServerNames.SecondFactorContext : TokenServerNames.SignedInContext);
        }

        if (subject.Membership is { Role: { } role } membership)
        {
            Add(identity, ApiClaims.Organization, membership.OrganizationId.ToString());
            Add(identity, ApiClaims.OrganizationRole, role);
        }

        if (subject.User.IsAdmin && used.Contains(ApiScopes.Admin) && MayAdminister(subject.Authentication))
        {
            Add(identity, ApiClaims.Role, User.AdminRole);
            if (StepUpAt(subject.Authentication!) is { } steppedUpAt)
            {
                identity.SetClaim(ApiClaims.StepUpTime, steppedUpAt.ToUnixTimeSeconds());
            }
        }

        var principal = Complete(identity, scopes, used);
        if (subject.Impersonation is { } impersonation)
        {
            SetActor(principal, impersonation.ActorId.ToString());
            var left = impersonation.EndsAt - time.GetUtcNow();
            principal.SetAccessTokenLifetime(left < options.Value.AccessTokenLifetime ? left : options.Value.AccessTokenLifetime);
            principal.SetRefreshTokenLifetime(left < options.Value.RefreshTokenLifetime ? left : options.Value.RefreshTokenLifetime);
        }

        return principal;
    }

    /// <summary>A principal for a key: its owner, in the name of its account.</summary>
    public ClaimsPrincipal Create(ResolvedApiKey resolved, IReadOnlyCollection<string> scopes)
    {
        var identity = Empty(resolved.User.Id.ToString());
        Add(identity, ApiClaims.KeyId, resolved.Key.KeyId);
        identity.SetClaims(Claims.AuthenticationMethodReference, ["api_key"]);
        if (resolved is { Key.OrganizationId: { } organizationId, OrganizationRole: { } role })
        {
            Add(identity, ApiClaims.Organization, organizationId.ToString());
            Add(identity, ApiClaims.OrganizationRole, role);
        }

        if (resolved.IsAdmin)
        {
            Add(identity, ApiClaims.Role, User.AdminRole);
        }

        return Complete(identity, [.. scopes], scopes);
    }

    /// <summary>A principal for a client that acts for itself.</summary>
    public ClaimsPrincipal Create(string clientId, IReadOnlyCollection<string> scopes) => Complete(Empty(clientId), [.. scopes], scopes);

    /// <summary>Says who acts for the subject (RFC 8693, section 4.1).</summary>
    public static void SetActor(ClaimsPrincipal principal, string actor) => ((ClaimsIdentity)principal.Identity!).AddClaim(
        new Claim(ApiClaims.Actor, JsonSerializer.Serialize(new Dictionary<string, string> { [Claims.Subject] = actor }), "JSON")
            .SetDestinations(Destinations.AccessToken));

    /// <summary>Whether this sign-in is enough for the rights of an admin.</summary>
    public bool MayAdminister(Authentication? authentication) =>
        authentication is not null && (authentication.HasSecondFactor || !administration.Value.RequireSecondFactor);

    /// <summary>Whether the rights of an admin demand a second factor.</summary>
    public bool DemandsSecondFactor => administration.Value.RequireSecondFactor;

    /// <summary>When somebody last showed what dangerous acts of admins demand, UTC; null: never.</summary>
    public DateTimeOffset? StepUpAt(Authentication authentication) => DemandsSecondFactor ? authentication.SecondFactorAt : authentication.At;

    /// <summary>What UserInfo says of a person for the scopes of the token.</summary>
    public static Dictionary<string, object> Profile(User user, IReadOnlyCollection<string> scopes)
    {
        var claims = new Dictionary<string, object>(StringComparer.Ordinal) { [Claims.Subject] = user.Id.ToString() };
        if (scopes.Contains(Scopes.Profile))
        {
            Set(Claims.Name, user.DisplayName);
            Set(Claims.Picture, user.AvatarUrl);
            Set(Claims.Locale, user.Language);
            Set(Claims.Zoneinfo, user.TimeZone);
        }

        // Where an address stands, it is verified; somebody without one has neither claim.
        if (scopes.Contains(Scopes.Email) && user.Email is { } email)
        {
            Set(Claims.Email, email);
            claims[Claims.EmailVerified] = true;
        }

        return claims;

        void Set(string name, string? value)
        {
            if (value is not null)
            {
                claims[name] = value;
            }
        }
    }

    private static ClaimsIdentity Empty(string subject)
    {
        var identity = new ClaimsIdentity(AuthenticationType, Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, subject);
        return identity;
    }

    private static void AddProfile(ClaimsIdentity identity, User user, IReadOnlyCollection<string> scopes)
    {
        foreach (var (name, value) in Profile(user, scopes).Where(claim => claim.Key != Claims.Subject))
        {
            identity.AddClaim(value is bool flag ? new Claim(name, flag ? "true" : "false", ClaimValueTypes.Boolean) : new Claim(name, (string)value));
        }
    }

    private static void Add(ClaimsIdentity identity, string name, string? value)
    {
        if (value is not null)
        {
            identity.SetClaim(name, value);
        }
    }

    private ClaimsPrincipal Complete(ClaimsIdentity identity, ImmutableArray<string> granted, IReadOnlyCollection<string> used)
    {
        identity.SetScopes(granted);
        var audiences = used.SelectMany(ApiScopes.AudiencesOf).Distinct().ToList();
        // RFC 9068 demands an audience. A token that is for UserInfo only is for the issuer, and for no service.
        identity.SetResources(audiences.Count > 0 ? audiences : [origin.Value.Issuer!.AbsoluteUri]);
        identity.SetDestinations(Destination);
        return new ClaimsPrincipal(identity);
    }

    private static IEnumerable<string> Destination(Claim claim) => claim.Type switch
    {
        Claims.Subject or Claims.AuthenticationTime or Claims.AuthenticationMethodReference or "sid" => [Destinations.AccessToken, Destinations.IdentityToken],
        ApiClaims.Organization or ApiClaims.OrganizationRole or ApiClaims.Role or ApiClaims.StepUpTime or ApiClaims.KeyId or ApiClaims.Actor => [Destinations.AccessToken],
        Claims.AuthenticationContextReference or Claims.Name or Claims.Picture or Claims.Locale or Claims.Zoneinfo or Claims.Email or Claims.EmailVerified =>
            [Destinations.IdentityToken],
        _ => [],
    };
}
