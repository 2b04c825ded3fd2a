using System.Text.Json.Nodes;
using BotGeneric.Simulators.SignIn.Protocol;
using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.SignIn.Google;

/// <summary>
/// Behaves like Google's: https://developers.google.com/identity/openid-connect/openid-connect. Errors of a request are shown on a page,
/// as Google does; only what the person decides goes back to the client.
/// </summary>
/// <param name="origin">Where it is.</param>
/// <param name="options">Its clients.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class GoogleProvider(SignInOrigin origin, IOptions<SignInOptions> options, TimeProvider timeProvider)
    : SignInProvider(SignInProviders.Google, SigningAlgorithms.Rs256, origin, options.Value, timeProvider)
{
    private static readonly string[] KnownScopes = ["openid", "email", "profile"];
    private static readonly string[] KnownPrompts = ["none", "consent", "select_account"];

    /// <inheritdoc />
    public override string Title => "Google";

    internal override bool Refreshes => true;

    internal override bool ShowsErrors => true;

    internal override OAuthError RedirectUriMismatch => new("redirect_uri_mismatch", "Bad Request");

    private protected override ProviderOptions Configured => options.Value.Google;

    internal override JsonObject Describe() => new()
    {
        ["issuer"] = Issuer,
        ["authorization_endpoint"] = $"{Issuer}/o/oauth2/v2/auth",
        ["token_endpoint"] = $"{Issuer}/token",
        ["userinfo_endpoint"] = $"{Issuer}/v1/userinfo",
        ["revocation_endpoint"] = $"{Issuer}/revoke",
        ["jwks_uri"] = $"{Issuer}/oauth2/v3/certs",
        ["response_types_supported"] = Strings("code"),
        ["response_modes_supported"] = Strings("query", "form_post"),
        ["subject_types_supported"] = Strings("public"),
        ["id_token_signing_alg_values_supported"] = Strings(SigningAlgorithms.Rs256),
        ["scopes_supported"] = Strings(KnownScopes),
        ["token_endpoint_auth_methods_supported"] = Strings("client_secret_post", "client_secret_basic"),
        ["claims_supported"] = Strings(
            "aud", "email", "email_verified", "exp", "family_name", "given_name", "iat", "iss", "locale", "name", "picture", "sub"),
        ["code_challenge_methods_supported"] = Strings("plain", "S256"),
        ["grant_types_supported"] = Strings("authorization_code", "refresh_token"),
    };

    internal override OAuthError? CheckAuthorize(OAuthParameters parameters)
    {
        if (parameters["response_type"] is not { } responseType)
        {
            return OAuthError.Request("Required parameter is missing: response_type");
        }

        if (responseType != "code")
        {
            return new OAuthError(OAuthError.UnsupportedResponseType, "Only code is simulated.");
        }

        if (parameters["response_mode"] is not (null or "query" or "form_post"))
        {
            return OAuthError.Request("Invalid response_mode.");
        }

        var scopes = parameters.Words("scope");
        if (scopes.Length == 0)
        {
            return OAuthError.Request("Missing required parameter: scope");
        }

        if (scopes.Except(KnownScopes, StringComparer.Ordinal).Any())
        {
            return new OAuthError(OAuthError.InvalidScope, "Some requested scopes were invalid.");
        }

        var prompts = parameters.Words("prompt");
        if (prompts.Except(KnownPrompts, StringComparer.Ordinal).Any() || (prompts.Length > 1 && prompts.Contains("none", StringComparer.Ordinal)))
        {
            return OAuthError.Request("Invalid parameter value for prompt.");
        }

        return ProofKey.CheckChallenge(parameters, isRequired: false, allowsPlain: true);
    }

    internal override (ClientOptions? Client, OAuthError? Error) Authenticate(HttpRequest request, OAuthParameters form)
    {
        if (ClientCredentials.TryReadBasic(request, out var id, out var secret))
        {
            if (form["client_secret"] is not null || (form["client_id"] is { } other && other != id))
            {
                return (null, OAuthError.Request("More than one way of client authentication was used."));
            }
        }
        else
        {
            (id, secret) = (form["client_id"], form["client_secret"]);
        }

        if (secret is null)
        {
            return (null, OAuthError.Request("client_secret is missing."));
        }

        return FindClient(id) is { } client && ClientCredentials.AreEqual(secret, client.ClientSecret) ? (client, null) : (null, ClientCredentials.Unknown);
    }

    /// <summary>What the userinfo endpoint tells, by the scopes that were granted.</summary>
    internal static JsonObject UserInfo(Grant grant)
    {
        var claims = new JsonObject { ["sub"] = grant.Person.Subject };
        AddProfile(claims, grant);
        return claims;
    }

    private protected override void AddClaims(JsonObject claims, Grant grant, string accessToken)
    {
        claims["azp"] = grant.Request.Client.ClientId;
        claims["at_hash"] = AccessTokenHash(accessToken);
        AddProfile(claims, grant);
    }

    private protected override bool GivesRefreshToken(Grant grant) =>
        grant.Request.Parameters["access_type"] == "offline"
        && (grant.IsFirst || grant.Request.Parameters.Words("prompt").Contains("consent", StringComparer.Ordinal));

    private static void AddProfile(JsonObject claims, Grant grant)
    {
        var person = grant.Person;
        if (grant.Request.Asks("email"))
        {
            claims["email"] = person.Email;
            claims["email_verified"] = grant.EmailVerified;
        }

        if (!grant.Request.Asks("profile"))
        {
            return;
        }

        claims["name"] = person.Name;
        claims["given_name"] = person.GivenName;
        if (person.FamilyName is not null)
        {
            claims["family_name"] = person.FamilyName;
        }

        claims["picture"] = $"https://images.simulated.invalid/{person.Subject}=s96-c";
        claims["locale"] = person.Locale;
    }
}
