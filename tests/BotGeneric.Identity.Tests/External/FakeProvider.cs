using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.Identity.Tests.External;

/// <summary>Somebody with an account at a provider.</summary>
public sealed record FakePerson(string Subject, string? Email = null, object? EmailVerified = null, string? Name = null, long? TelegramId = null)
{
    public static FakePerson OfGoogle(string? email = null, object? verified = null) =>
        new($"g{Guid.NewGuid():N}", email, verified ?? true, "Anna Nova");

    public static FakePerson OfApple(string? email = null) => new($"001.{Guid.NewGuid():N}", email, "true");

    public static FakePerson OfTelegram() => new(
        RandomNumberGenerator.GetInt32(int.MaxValue).ToString() + "000000001", Name: "Ivan", TelegramId: 5_000_000_000 + RandomNumberGenerator.GetInt32(int.MaxValue));
}

/// <summary>A provider that is strict where the real one is: what it does not like about a request fails the test.</summary>
public sealed class FakeProvider(string name, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Grant> _grants = new();
    private SigningCredentials _key = RsaKey();

    public string Issuer { get; } = $"https://{name}.test";

    public string ClientId { get; } = $"{name}-client";

    public string ClientSecret { get; } = $"{name}-secret+/=";

    public ECDsa AppleKey { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Changes the claims of the next token.</summary>
    public Action<JsonObject>? Alter { get; set; }

    /// <summary>Signs the next token instead of the provider.</summary>
    public Func<string, string>? Sign { get; set; }

    /// <summary>Answers the token endpoint with this status.</summary>
    public HttpStatusCode? TokenStatus { get; set; }

    public bool IsDown { get; set; }

    public int Exchanges { get; private set; }

    public void RotateKey() => _key = RsaKey();

    public void UseEcdsa() => _key = new SigningCredentials(
        new ECDsaSecurityKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = Guid.NewGuid().ToString("N") }, SecurityAlgorithms.EcdsaSha256);

    public void Reset() => (Alter, Sign, TokenStatus, IsDown, Exchanges) = (null, null, null, false, 0);

    /// <summary>The person agrees to what the browser was sent here for.</summary>
    public ProviderReply Approve(Uri request, FakePerson person)
    {
        var query = Check(request);
        var code = Guid.NewGuid().ToString("N");
        _grants[code] = new Grant(person, query["redirect_uri"], query["nonce"], query["code_challenge"]);
        return new ProviderReply(query["redirect_uri"], new() { ["state"] = query["state"], ["code"] = code });
    }

    /// <summary>The person cancels, or something else goes wrong.</summary>
    public ProviderReply Refuse(Uri request, string error)
    {
        var query = Check(request);
        return new ProviderReply(query["redirect_uri"], new() { ["state"] = query["state"], ["error"] = error });
    }

    public HttpResponseMessage Answer(HttpRequestMessage request, string body)
    {
        if (IsDown)
        {
            return new HttpResponseMessage(HttpStatusCode.BadGateway);
        }

        return request.RequestUri!.AbsolutePath switch
        {
            "/.well-known/openid-configuration" => Json(new JsonObject
            {
                ["issuer"] = Issuer,
                ["authorization_endpoint"] = $"{Issuer}/auth",
                ["token_endpoint"] = $"{Issuer}/token",
                ["jwks_uri"] = $"{Issuer}/keys",
            }),
            "/keys" => Json(new JsonObject { ["keys"] = new JsonArray(PublicKey()) }),
            "/token" when request.Method == HttpMethod.Post => Exchange(request, body),
            _ => new HttpResponseMessage(HttpStatusCode.NotFound),
        };
    }

    public string SignToken(JsonObject claims)
    {
        var payload = claims.ToJsonString();
        return Sign is { } sign ? sign(payload) : new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(payload, _key);
    }

    /// <summary>A token with another key under the published key's name.</summary>
    public string SignWithAnotherKey(string payload) => new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
        payload, new SigningCredentials(new RsaSecurityKey(RSA.Create(2048)) { KeyId = _key.Key.KeyId }, SecurityAlgorithms.RsaSha256));

    /// <summary>A token whose secret is the published key.</summary>
    public string SignWithPublicKey(string payload) => new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
        payload, new SigningCredentials(
            new SymmetricSecurityKey(Encoding.UTF8.GetBytes(PublicKey().ToJsonString())) { KeyId = _key.Key.KeyId }, SecurityAlgorithms.HmacSha256));

    public static string Unsigned(string payload) =>
        $"{Base64Url.EncodeToString("""{"alg":"none","typ":"JWT"}"""u8)}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}.";

    private static SigningCredentials RsaKey() =>
        new(new RsaSecurityKey(RSA.Create(2048)) { KeyId = Guid.NewGuid().ToString("N") }, SecurityAlgorithms.RsaSha256);

    private static HttpResponseMessage Json(JsonNode node, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(node.ToJsonString(), Encoding.UTF8, "application/json") };

    private JsonObject PublicKey()
    {
        var key = JsonWebKeyConverter.ConvertFromSecurityKey(_key.Key);
        var node = new JsonObject { ["kty"] = key.Kty, ["kid"] = key.Kid, ["use"] = "sig", ["alg"] = _key.Algorithm };
        foreach (var (part, value) in new[] { ("n", key.N), ("e", key.E), ("crv", key.Crv), ("x", key.X), ("y", key.Y) })
        {
            if (value is not null)
            {
                node[part] = value;
            }
        }

        return node;
    }

    private Dictionary<string, string> Check(Uri request)
    {
        var query = QueryHelpers.ParseQuery(request.Query).ToDictionary(pair => pair.Key, pair => Assert.Single(pair.Value.ToArray())!);
        Assert.Equal($"{Issuer}/auth", request.GetLeftPart(UriPartial.Path));
        Assert.Equal("code", query["response_type"]);
        Assert.Equal(ClientId, query["client_id"]);
        Assert.Equal($"http://localhost/account/external/{name}/callback", query["redirect_uri"]);
        Assert.Equal("S256", query["code_challenge_method"]);
        Assert.Equal(43, query["code_challenge"].Length);
        Assert.Equal(43, query["nonce"].Length);
        Assert.InRange(query["state"].Length, 43, 256);
        Assert.Contains("openid", query["scope"].Split(' '));
        Assert.Equal(name == "apple" ? "form_post" : null, query.GetValueOrDefault("response_mode"));
        if (name == "telegram")
        {
            Assert.Empty(query["scope"].Split(' ').Except(["openid", "profile", "phone", "telegram:bot_access"]));
            Assert.False(query.ContainsKey("prompt"));
        }

        return query;
    }

    private HttpResponseMessage Exchange(HttpRequestMessage request, string body)
    {
        Exchanges++;
        if (TokenStatus is { } status)
        {
            return Json(new JsonObject { ["error"] = "server_error" }, status);
        }

        var form = QueryHelpers.ParseQuery(body).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form.GetValueOrDefault("code_verifier", string.Empty))));
        if (!IsClient(request, form)
            || form["grant_type"] != "authorization_code"
            || !_grants.TryRemove(form["code"], out var grant)
            || grant.RedirectUri != form["redirect_uri"]
            || grant.Challenge != challenge)
        {
            return Json(new JsonObject { ["error"] = "invalid_grant" }, HttpStatusCode.BadRequest);
        }

        return Json(new JsonObject { ["access_token"] = "unused", ["token_type"] = "Bearer", ["id_token"] = SignToken(Claims(grant)) });
    }

    private bool IsClient(HttpRequestMessage request, Dictionary<string, string> form)
    {
        if (name == "telegram")
        {
            // Basic only; each part is form-encoded first.
            var expected = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(ClientId)}:{Uri.EscapeDataString(ClientSecret)}"));
            return request.Headers.Authorization is { Scheme: "Basic", Parameter: { } sent } && sent == expected && !form.ContainsKey("client_secret");
        }

        return form.GetValueOrDefault("client_id") == ClientId
            && (name == "apple" ? IsAppleSecret(form["client_secret"]) : form.GetValueOrDefault("client_secret") == ClientSecret);
    }

    private bool IsAppleSecret(string secret)
    {
        var token = new JsonWebToken(secret);
        var signed = Encoding.ASCII.GetBytes(secret[..secret.LastIndexOf('.')]);
        var now = time.GetUtcNow();
        return token is { Alg: "ES256", Kid: "KEY1234567", Issuer: "TEAM123456" }
            && token.Subject == ClientId
            && token.Audiences.Single() == Issuer
            && token.ValidTo - token.IssuedAt <= TimeSpan.FromDays(180)
            && token.ValidTo > now.UtcDateTime
            && AppleKey.VerifyData(signed, Base64Url.DecodeFromChars(token.EncodedSignature), HashAlgorithmName.SHA256);
    }

    private JsonObject Claims(Grant grant)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var person = grant.Person;
        var claims = new JsonObject { ["iss"] = Issuer, ["aud"] = ClientId, ["sub"] = person.Subject, ["iat"] = now, ["exp"] = now + 600 };
        if (name == "telegram")
        {
            // It echoes no nonce, knows no address, and its subject is not the user id.
            claims["id"] = person.TelegramId;
        }
        else
        {
            claims["nonce"] = grant.Nonce;
        }

        if (person.Email is not null)
        {
            claims["email"] = person.Email;
            claims["email_verified"] = JsonValue.Create(person.EmailVerified);
        }

        // Apple tells the name beside the code only.
        if (name != "apple" && person.Name is not null)
        {
            claims["name"] = person.Name;
        }

        Alter?.Invoke(claims);
        return claims;
    }

    private sealed record Grant(FakePerson Person, string RedirectUri, string Nonce, string Challenge);
}

/// <summary>What a provider sends the browser back with.</summary>
public sealed record ProviderReply(string Address, Dictionary<string, string> Values)
{
    public string Query => QueryHelpers.AddQueryString(Address, Values.ToDictionary(pair => pair.Key, pair => (string?)pair.Value));

    public ProviderReply With(string key, string value) => this with { Values = new(Values) { [key] = value } };
}

/// <summary>The network between the service and the providers.</summary>
public sealed class FakeProviders(TimeProvider time) : HttpMessageHandler
{
    public FakeProvider Google { get; } = new("google", time);

    public FakeProvider Apple { get; } = new("apple", time);

    public FakeProvider Telegram { get; } = new("telegram", time);

    public FakeProvider this[string name] => name switch
    {
        "google" => Google,
        "apple" => Apple,
        _ => Telegram,
    };

    public void Reset()
    {
        Google.Reset();
        Apple.Reset();
        Telegram.Reset();
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? string.Empty : await request.Content.ReadAsStringAsync(cancellationToken);
        return this[request.RequestUri!.Host.Split('.')[0]].Answer(request, body);
    }
}
