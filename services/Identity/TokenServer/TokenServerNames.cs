using BotGeneric.Contracts.Identity;
using BotGeneric.ServiceDefaults.Authentication;
using OpenIddict.Abstractions;

namespace BotGeneric.Identity.TokenServer;

/// <summary>The addresses and names of the token server: Duende's where it has one, and what is ours.</summary>
internal static class TokenServerNames
{
    public const string Authorize = "/connect/authorize";
    public const string Token = "/connect/token";
    public const string UserInfo = "/connect/userinfo";
    public const string Introspect = "/connect/introspect";
    public const string Revocation = "/connect/revocation";
    public const string RevocationAlias = "/connect/revoke";
    public const string DeviceAuthorization = "/connect/deviceauthorization";
    public const string DeviceAuthorizationAlias = "/connect/device";
    public const string Device = "/account/device";
    public const string PushedAuthorization = "/connect/par";
    public const string EndSession = "/connect/endsession";
    public const string EndSessionAlias = "/connect/logout";
    public const string SignedOut = "/connect/signed-out";
    public const string Configuration = "/.well-known/openid-configuration";
    public const string KeySet = "/.well-known/jwks";
    public const string KeySetAlias = "/.well-known/openid-configuration/jwks";

    /// <summary>The grant with which the gateway turns an API key into an access token.</summary>
    public const string ApiKeyGrant = "urn:botgeneric:oauth:grant-type:api-key";

    /// <summary>The type of a subject token that is the id of the person as whom an admin wants to act.</summary>
    public const string UserIdToken = "urn:botgeneric:oauth:token-type:user-id";

    /// <summary>The permission of a client to pass on an admin's wish to act as somebody, by token exchange. Admins give it.</summary>
    public const string ImpersonationPermission = "bg:impersonate";

    /// <summary>The permission of a client to get tokens in the browser in which an admin acts as somebody: the gateway's alone.</summary>
    public const string ActingPermission = "bg:acting";

    /// <summary>The authentication context in which a second factor was shown.</summary>
    public const string SecondFactorContext = ApiPolicies.SecondFactorContext;

    /// <summary>The authentication context of everybody else who is signed in.</summary>
    public const string SignedInContext = "urn:botgeneric:acr:session";

    /// <summary>A client's setting: the algorithm of its identity tokens.</summary>
    public const string IdTokenAlgorithmSetting = "bg:id_token_alg";

    /// <summary>A client's property: it is kept by the configuration, and not changed by admins.</summary>
    public const string ConfiguredProperty = "bg:configured";

    /// <summary>Scopes of OpenID Connect.</summary>
    public static IReadOnlyList<string> IdentityScopes { get; } =
        [OpenIddictConstants.Scopes.OpenId, OpenIddictConstants.Scopes.Profile, OpenIddictConstants.Scopes.Email, OpenIddictConstants.Scopes.OfflineAccess];

    /// <summary>Everything that can be asked for.</summary>
    public static IReadOnlyList<string> Scopes { get; } = [.. IdentityScopes, .. ApiScopes.All];

    /// <summary>Every service that can be the audience of a token.</summary>
    public static IReadOnlyList<string> Audiences { get; } = [.. ApiScopes.All.SelectMany(ApiScopes.AudiencesOf).Distinct().Order(StringComparer.Ordinal)];
}
