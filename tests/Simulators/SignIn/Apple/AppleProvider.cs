using System.Text.Json;
using System.Text.Json.Nodes;
using BotGeneric.Simulators.SignIn.Protocol;
using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.SignIn.Apple;

/// <summary>
/// Behaves like Sign in with Apple: https://developer.apple.com/documentation/signinwithapplerestapi. The client signs its secret, the name
/// comes beside the code and only once, booleans come as texts.
/// </summary>
/// <param name="origin">Where it is.</param>
/// <param name="options">Its clients.</param>
/// <param name="secrets">Checks what clients sign.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class AppleProvider(SignInOrigin origin, IOptions<SignInOptions> options, AppleClientSecrets secrets, TimeProvider timeProvider)
    : SignInProvider(SignInProviders.Apple, SigningAlgorithms.Rs256, origin, options.Value, timeProvider)
{
    private static readonly string[] KnownScopes = ["openid", "email", "name"];
    private static readonly OAuthError UnknownClient = new(OAuthError.InvalidClient, "The client secret is not one that this team signed for this client.");

    /// <inheritdoc />
    public override string Title => "Apple";

    internal override bool Refreshes => true;

    internal override bool ShowsErrors => true;

    internal override string CancelError => "user_cancelled_authorize";

    private protected override ProviderOptions Configured => options.Value.Apple;

    private protected override bool IdentifiesAlways => true;

    internal override JsonObject Describe() => new()
    {
        ["issuer"] = Issuer,
        ["authorization_endpoint"] = $"{Issuer}/auth/authorize",
        ["token_endpoint"] = $"{Issuer}/auth/token",
        ["revocation_endpoint"] = $"{Issuer}/auth/revoke",
        ["jwks_uri"] = $"{Issuer}/auth/keys",
        ["response_types_supported"] = Strings("code"),
        ["response_modes_supported"] = Strings("query", "fragment", "form_post"),
        ["subject_types_supported"] = Strings("pairwise"),
        ["id_token_signing_alg_values_supported"] = Strings(SigningAlgorithms.Rs256),
        ["scopes_supported"] = Strings(KnownScopes),
        ["token_endpoint_auth_methods_supported"] = Strings("client_secret_post"),
        ["claims_supported"] = Strings(
            "aud", "email", "email_verified", "exp", "iat", "is_private_email", "iss", "nonce", "nonce_supported", "real_user_status", "sub",
            "transfer_sub"),
    };

    internal override OAuthError? CheckAuthorize(OAuthParameters parameters)
    {
        if (parameters["response_type"] is not { } responseType)
        {
            return OAuthError.Request("response_type is missing.");
        }

        if (responseType != "code")
        {
            return new OAuthError(OAuthError.UnsupportedResponseType, "Only code is simulated.");
        }

        var mode = parameters["response_mode"];
        if (mode is not (null or "query" or "fragment" or "form_post"))
        {
            return OAuthError.Request("Invalid response_mode.");
        }

        var scopes = parameters.Words("scope");
        if (scopes.Except(KnownScopes, StringComparer.Ordinal).Any())
        {
            return new OAuthError(OAuthError.InvalidScope, "Invalid scope.");
        }

        if (mode != "form_post" && scopes.Intersect(["name", "email"], StringComparer.Ordinal).Any())
        {
            return OAuthError.Request("response_mode must be form_post when name or email scope is requested.");
        }

        return ProofKey.CheckChallenge(parameters, isRequired: false, allowsPlain: false);
    }

    internal override (ClientOptions? Client, OAuthError? Error) Authenticate(HttpRequest request, OAuthParameters form) =>
        FindClient(form["client_id"]) is { } client && form["client_secret"] is { } secret && secrets.IsValid(secret, client.ClientId, Issuer)
            ? (client, null)
            : (null, UnknownClient);

    internal override IEnumerable<(string Name, string Value)> AnswerWith(Grant grant)
    {
        if (!grant.IsFirst || !(grant.Request.Asks("name") || grant.Request.Asks("email")))
        {
            return [];
        }

        var user = new JsonObject();
        if (grant.Request.Asks("name"))
        {
            user["name"] = new JsonObject { ["firstName"] = grant.Person.GivenName, ["lastName"] = grant.Person.FamilyName ?? string.Empty };
        }

        if (grant.Request.Asks("email"))
        {
            user["email"] = grant.Person.Email;
        }

        return [("user", JsonSerializer.Serialize(user))];
    }

    private protected override void AddClaims(JsonObject claims, Grant grant, string accessToken)
    {
        claims["at_hash"] = AccessTokenHash(accessToken);
        claims["auth_time"] = grant.GrantedAt.ToUnixTimeSeconds();
        claims["nonce_supported"] = true;
        if (!grant.Request.Asks("email"))
        {
            return;
        }

        claims["email"] = grant.Person.Email;
        claims["email_verified"] = Text(grant.EmailVerified);
        claims["is_private_email"] = Text(grant.Person.IsPrivateEmail);
    }

    private protected override bool GivesRefreshToken(Grant grant) => true;

    private static string Text(bool value) => value ? "true" : "false";
}
