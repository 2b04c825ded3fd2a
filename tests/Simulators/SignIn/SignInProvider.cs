using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using BotGeneric.Simulators.SignIn.Protocol;

namespace BotGeneric.Simulators.SignIn;

/// <summary>One provider: its state, and where it differs from the others.</summary>
public abstract class SignInProvider
{
    private const int Capacity = 2000;

    private static readonly TimeSpan PendingLifetime = TimeSpan.FromMinutes(10);

    private readonly SignInOrigin _origin;
    private readonly SignInOptions _options;
    private readonly BoundedStore<AuthorizeRequest> _pending;
    private readonly BoundedStore<Grant> _codes;
    private readonly BoundedStore<IssuedToken> _tokens;
    private readonly BoundedStore<(string ClientId, string Subject)> _consents;

    private protected SignInProvider(string name, string algorithm, SignInOrigin origin, SignInOptions options, TimeProvider timeProvider)
    {
        Name = name;
        Keys = new SigningKeys(algorithm);
        People = new TestPeople(name);
        Behaviour = new ForcedBehaviour();
        Clock = timeProvider;
        _origin = origin;
        _options = options;
        _pending = new BoundedStore<AuthorizeRequest>(Capacity, timeProvider);
        _codes = new BoundedStore<Grant>(Capacity, timeProvider);
        _tokens = new BoundedStore<IssuedToken>(Capacity, timeProvider);
        _consents = new BoundedStore<(string, string)>(Capacity, timeProvider);
    }

    /// <summary>Its name in paths and keys: <c>google</c>, <c>apple</c> or <c>telegram</c>.</summary>
    public string Name { get; }

    /// <summary>Its name for people.</summary>
    public abstract string Title { get; }

    /// <summary>Its keys.</summary>
    public SigningKeys Keys { get; }

    /// <summary>Who has an account with it.</summary>
    public TestPeople People { get; }

    /// <summary>What tests ask of it.</summary>
    public ForcedBehaviour Behaviour { get; }

    /// <summary>The path below which its endpoints are.</summary>
    public string Path => $"/sign-in/{Name}";

    /// <summary>The issuer.</summary>
    public string Issuer => _origin.Value + Path;

    /// <summary>The clock.</summary>
    internal TimeProvider Clock { get; }

    /// <summary>How long an ID token and an access token are valid.</summary>
    internal static TimeSpan TokenLifetime => TimeSpan.FromHours(1);

    /// <summary>The error with which a person's cancelling is told.</summary>
    internal virtual string CancelError => "access_denied";

    /// <summary>Whether refresh tokens can be used.</summary>
    internal abstract bool Refreshes { get; }

    /// <summary>Whether a request that names a valid client and redirect URI, and is wrong otherwise, is answered on a page instead of by a redirect.</summary>
    internal abstract bool ShowsErrors { get; }

    /// <summary>The keys under which its clients are configured.</summary>
    private protected abstract ProviderOptions Configured { get; }

    /// <summary>The discovery document, OpenID Connect Discovery 1.0 section 3.</summary>
    internal abstract JsonObject Describe();

    /// <summary>What is wrong with the parameters of an authorization request beyond the client and redirect URI; null when nothing is.</summary>
    internal abstract OAuthError? CheckAuthorize(OAuthParameters parameters);

    /// <summary>A refusal that comes even before the client is looked at, as plain text; null when there is none.</summary>
    internal virtual string? RefuseOutright(OAuthParameters parameters) => null;

    /// <summary>Who calls the token or revocation endpoint, or why it is refused.</summary>
    internal abstract (ClientOptions? Client, OAuthError? Error) Authenticate(HttpRequest request, OAuthParameters form);

    /// <summary>What the ID token says beyond issuer, audience, subject and times.</summary>
    private protected abstract void AddClaims(JsonObject claims, Grant grant, string accessToken);

    /// <summary>What the answer carries beside the code.</summary>
    internal virtual IEnumerable<(string Name, string Value)> AnswerWith(Grant grant) => [];

    /// <summary>Whether an exchange gives a refresh token.</summary>
    private protected virtual bool GivesRefreshToken(Grant grant) => false;

    /// <summary>The error of an exchange with another redirect URI.</summary>
    internal virtual OAuthError RedirectUriMismatch => OAuthError.Grant("redirect_uri is not the one of the authorization request.");

    internal ClientOptions? FindClient(string? id) => Configured.Clients.FirstOrDefault(client => client.ClientId == id);

    internal IEnumerable<string> RedirectUris(ClientOptions client) =>
        client.RedirectUris.Count > 0 ? client.RedirectUris : [_origin.PublicUrl($"/account/external/{Name}/callback")];

    internal string Hold(AuthorizeRequest request)
    {
        var id = NewSecret();
        _pending.Add(id, request, Clock.GetUtcNow() + PendingLifetime);
        return id;
    }

    internal bool TryRelease(string id, out AuthorizeRequest? request) => _pending.TryTake(id, out request);

    internal (string Code, Grant Grant) Approve(AuthorizeRequest request, TestPerson person, ForcedOutcome? outcome)
    {
        var now = Clock.GetUtcNow();
        var consent = $"{request.Client.ClientId} {person.Subject}";
        var grant = new Grant(request, person, outcome, now) { IsFirst = !_consents.TryGet(consent, out _) };
        _consents.Add(consent, (request.Client.ClientId, person.Subject), DateTimeOffset.MaxValue);
        var code = NewSecret();
        _codes.Add(code, grant, now + _options.CodeLifetime);
        return (code, grant);
    }

    internal bool TryFindCode(string code, out Grant? grant) => _codes.TryGet(code, out grant);

    internal IssuedToken? FindToken(string? token) =>
        token is not null && _tokens.TryGet(token, out var issued) && !issued.Grant.IsRevoked ? issued : null;

    /// <summary>Ends everything that a person granted a client, so that the next time is the first again.</summary>
    internal void Forget(string? clientId, string subject)
    {
        _consents.RemoveWhere(consent => consent.Subject == subject && (clientId is null || consent.ClientId == clientId));
        _tokens.RemoveWhere(token => Concerns(token.Grant));
        _codes.RemoveWhere(Concerns);

        bool Concerns(Grant grant) => grant.Person.Subject == subject && (clientId is null || grant.Request.Client.ClientId == clientId);
    }

    /// <summary>Goes back to the state of the start; keys stay.</summary>
    internal void Reset()
    {
        Behaviour.Reset();
        People.Reset();
        _pending.RemoveWhere(_ => true);
        _codes.RemoveWhere(_ => true);
        _tokens.RemoveWhere(_ => true);
        _consents.RemoveWhere(_ => true);
    }

    internal JsonObject Issue(Grant grant, bool isRefresh)
    {
        var now = Clock.GetUtcNow();
        var accessToken = NewSecret();
        _tokens.Add(accessToken, new IssuedToken(grant, IsRefresh: false), now + TokenLifetime);
        var answer = new JsonObject
        {
            ["access_token"] = accessToken,
            ["token_type"] = "Bearer",
            ["expires_in"] = (int)TokenLifetime.TotalSeconds,
            ["scope"] = string.Join(' ', grant.Request.Scopes),
        };
        if (!isRefresh && GivesRefreshToken(grant))
        {
            var refreshToken = NewSecret();
            _tokens.Add(refreshToken, new IssuedToken(grant, IsRefresh: true), DateTimeOffset.MaxValue);
            answer["refresh_token"] = refreshToken;
        }

        if (IdentifiesAlways || grant.Request.Asks("openid"))
        {
            answer["id_token"] = Keys.Sign(IdTokenClaims(grant, accessToken, now, isRefresh), grant.Outcome);
        }

        return answer;
    }

    /// <summary>Whether an ID token comes without the scope <c>openid</c> too.</summary>
    private protected virtual bool IdentifiesAlways => false;

    /// <summary>Whether ID tokens carry the request's nonce.</summary>
    private protected virtual bool EchoesNonce => true;

    internal static string NewSecret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    // OpenID Connect Core section 3.1.3.6.
    private protected static string AccessTokenHash(string accessToken) =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(accessToken)).AsSpan(0, 16));

    private protected static JsonArray Strings(params string[] values) => [.. values.Select(value => JsonValue.Create(value))];

    private JsonObject IdTokenClaims(Grant grant, string accessToken, DateTimeOffset now, bool isRefresh)
    {
        var issuedAt = grant.Outcome is ForcedOutcome.ExpiredToken ? now - TokenLifetime - TokenLifetime : now;
        var claims = new JsonObject
        {
            ["iss"] = grant.Outcome is ForcedOutcome.WrongIssuer ? "https://issuer.invalid" : Issuer,
            ["aud"] = grant.Outcome is ForcedOutcome.WrongAudience ? "another-client" : grant.Request.Client.ClientId,
            ["sub"] = grant.Person.Subject,
            ["iat"] = issuedAt.ToUnixTimeSeconds(),
            ["exp"] = (issuedAt + TokenLifetime).ToUnixTimeSeconds(),
        };
        if (grant.Outcome is ForcedOutcome.WrongNonce)
        {
            claims["nonce"] = NewSecret();
        }
        else if (EchoesNonce && !isRefresh && grant.Request.Nonce is { } nonce)
        {
            claims["nonce"] = nonce;
        }

        AddClaims(claims, grant, accessToken);
        return claims;
    }
}
