using System.Text.Json.Nodes;
using BotGeneric.Simulators.SignIn.Protocol;
using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.SignIn.Telegram;

/// <summary>
/// Behaves like https://oauth.telegram.org (https://core.telegram.org/bots/telegram-login): a short state, no nonce, no e-mail, no userinfo,
/// and a subject that is not the user id.
/// </summary>
/// <param name="origin">Where it is.</param>
/// <param name="options">Its clients.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class TelegramProvider(SignInOrigin origin, IOptions<SignInOptions> options, TimeProvider timeProvider)
    : SignInProvider(SignInProviders.Telegram, options.Value.Telegram.Algorithm, origin, options.Value, timeProvider)
{
    internal const int MaximumState = 256;

    private static readonly string[] KnownScopes = ["openid", "profile", "phone", "telegram:bot_access"];

    /// <inheritdoc />
    public override string Title => "Telegram";

    internal override bool Refreshes => false;

    internal override bool ShowsErrors => false;

    private protected override ProviderOptions Configured => options.Value.Telegram;

    private protected override bool EchoesNonce => false;

    internal override JsonObject Describe() => new()
    {
        ["issuer"] = Issuer,
        ["authorization_endpoint"] = $"{Issuer}/auth",
        ["token_endpoint"] = $"{Issuer}/token",
        ["jwks_uri"] = $"{Issuer}/.well-known/jwks.json",
        ["response_types_supported"] = Strings("code"),
        ["grant_types_supported"] = Strings("authorization_code"),
        ["subject_types_supported"] = Strings("pairwise"),
        ["id_token_signing_alg_values_supported"] = Strings(Keys.Algorithm),
        ["scopes_supported"] = Strings(KnownScopes),
        ["token_endpoint_auth_methods_supported"] = Strings("client_secret_basic"),
        ["claims_supported"] = Strings("aud", "preferred_username", "phone_number", "exp", "iat", "iss", "name", "picture", "sub"),
        ["code_challenge_methods_supported"] = Strings("S256"),
    };

    internal override string? RefuseOutright(OAuthParameters parameters) => parameters["state"]?.Length > MaximumState ? "state too long" : null;

    internal override OAuthError? CheckAuthorize(OAuthParameters parameters)
    {
        if (parameters["response_type"] != "code")
        {
            return parameters["response_type"] is null
                ? OAuthError.Request("response_type is missing.")
                : new OAuthError(OAuthError.UnsupportedResponseType, "response_type must be code.");
        }

        if (parameters["response_mode"] is not (null or "query"))
        {
            return OAuthError.Request("Invalid response_mode.");
        }

        var scopes = parameters.Words("scope");
        if (!scopes.Contains("openid", StringComparer.Ordinal) || scopes.Except(KnownScopes, StringComparer.Ordinal).Any())
        {
            return new OAuthError(OAuthError.InvalidScope, "scope must hold openid, and may hold profile, phone and telegram:bot_access.");
        }

        return ProofKey.CheckChallenge(parameters, isRequired: true, allowsPlain: false);
    }

    internal override (ClientOptions? Client, OAuthError? Error) Authenticate(HttpRequest request, OAuthParameters form)
    {
        // A secret in the form is no way in, right or wrong.
        var isKnown = ClientCredentials.TryReadBasic(request, out var id, out var secret)
            && form["client_secret"] is null
            && (form["client_id"] is null || form["client_id"] == id);
        return isKnown && FindClient(id) is { } client && ClientCredentials.AreEqual(secret!, client.ClientSecret)
            ? (client, null)
            : (null, ClientCredentials.Unknown);
    }

    private protected override void AddClaims(JsonObject claims, Grant grant, string accessToken)
    {
        var person = grant.Person;
        if (grant.Request.Asks("profile"))
        {
            // The user id of the Bot API; sub is another number.
            claims["id"] = person.TelegramId;
            claims["name"] = person.Name;
            claims["picture"] = TelegramSigner.Photo(person);
            if (person.Username is not null)
            {
                claims["preferred_username"] = person.Username;
            }
        }

        if (grant.Request.Asks("phone") && person.PhoneNumber is not null)
        {
            claims["phone_number"] = person.PhoneNumber;
        }
    }
}
