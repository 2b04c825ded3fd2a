using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.Testing.Services;

/// <summary>
/// Issues access tokens as the identity service does, with a key of the test's. A service that is given <see cref="Keys"/> validates them by
/// all its own rules.
/// </summary>
public static class TestTokens
{
    /// <summary>The issuer as services are configured with it. Tokens name it with a slash at the end, as the identity service does.</summary>
    public const string Issuer = "https://issuer.test";

    /// <summary>How long a token lives unless a test says otherwise.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>The subject of <see cref="TestToken.Operator"/>.</summary>
    public static readonly Guid OperatorId = Guid.Parse("0192f0c1-0000-7000-8000-00000000000a");

    /// <summary>The key that services know.</summary>
    public static ECDsaSecurityKey SigningKey { get; } = CreateKey("test-key");

    /// <summary>A key that no service knows, under the name of one that they know.</summary>
    public static ECDsaSecurityKey ForgersKey { get; } = CreateKey("test-key");

    /// <summary>A key of the other algorithm that services accept.</summary>
    public static RsaSecurityKey RsaKey { get; } = new(RSA.Create(2048)) { KeyId = "test-rsa-key" };

    /// <summary>What a service is to know of the issuer.</summary>
    public static IReadOnlyCollection<SecurityKey> Keys { get; } = [SigningKey, RsaKey];

    /// <summary>The services that can be the audience of a token.</summary>
    public static IReadOnlyList<string> Services { get; } = [.. ApiScopes.AudiencesOf(ApiScopes.Admin)];

    /// <summary>Makes a key.</summary>
    /// <param name="keyId">Its <c>kid</c>.</param>
    public static ECDsaSecurityKey CreateKey(string keyId) => new(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = keyId };

    /// <summary>Issues a token.</summary>
    /// <param name="token">What it says.</param>
    /// <param name="now">The present moment.</param>
    /// <returns>The token in compact form.</returns>
    public static string Issue(TestToken token, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(token);
        var signing = token.Signing is { } algorithm ? new SigningCredentials(token.Key ?? SigningKey, algorithm) : null;
        // The library adds times of its own unless told not to.
        var handler = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false };
        var payload = JsonSerializer.Serialize(token.Claims(now));
        var header = new Dictionary<string, object> { [JwtHeaderParameterNames.Typ] = token.Type };
        return signing is null ? handler.CreateToken(payload, header) : handler.CreateToken(payload, signing, header);
    }
}

/// <summary>What an access token says. As it stands: a person's, good for every service, without a scope.</summary>
public sealed record TestToken
{
    /// <summary>The token of those who run the system: role, every scope, signed in a moment ago.</summary>
    public static TestToken Operator { get; } = new()
    {
        Subject = TestTokens.OperatorId.ToString(),
        Scopes = [.. ApiScopes.All],
        Roles = ["admin"],
        SignedInAgo = TimeSpan.Zero,
    };

    /// <summary><c>sub</c>.</summary>
    public string Subject { get; init; } = Guid.CreateVersion7().ToString();

    /// <summary><c>client_id</c>.</summary>
    public string ClientId { get; init; } = "tests";

    /// <summary><c>aud</c>.</summary>
    public IReadOnlyList<string> Audiences { get; init; } = TestTokens.Services;

    /// <summary><c>scope</c>.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary><c>role</c>.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary><c>iss</c>.</summary>
    public string Issuer { get; init; } = TestTokens.Issuer + "/";

    /// <summary>How long after the present moment it ends; null: <c>exp</c> is missing.</summary>
    public TimeSpan? Lifetime { get; init; } = TestTokens.Lifetime;

    /// <summary>How long after the present moment it begins.</summary>
    public TimeSpan ValidIn { get; init; } = TimeSpan.Zero;

    /// <summary>How long ago the person signed in, an admin with a second factor; null: <c>auth_time</c> and <c>step_up_time</c> are missing.</summary>
    public TimeSpan? SignedInAgo { get; init; }

    /// <summary>How long ago an admin showed a second factor; as <see cref="SignedInAgo"/> where nothing else is said.</summary>
    public TimeSpan? SteppedUpAgo
    {
        get => field ?? SignedInAgo;
        init;
    }

    /// <summary><c>org</c>.</summary>
    public Guid? Organization { get; init; }

    /// <summary><c>org_role</c>.</summary>
    public string? OrganizationRole { get; init; }

    /// <summary><c>key_id</c>.</summary>
    public string? KeyId { get; init; }

    /// <summary><c>sub</c> of <c>act</c>.</summary>
    public string? Actor { get; init; }

    /// <summary><c>sid</c>.</summary>
    public string? SessionId { get; init; }

    /// <summary>The header's <c>typ</c>.</summary>
    public string Type { get; init; } = "at+jwt";

    /// <summary>The key it is signed with; null: <see cref="TestTokens.SigningKey"/>.</summary>
    public SecurityKey? Key { get; init; }

    /// <summary>The algorithm it is signed with; null: it is not signed, and says so (<c>alg</c> none).</summary>
    public string? Signing { get; init; } = SecurityAlgorithms.EcdsaSha256;

    internal Dictionary<string, object> Claims(DateTimeOffset now)
    {
        var claims = new Dictionary<string, object>
        {
            ["iss"] = Issuer,
            ["aud"] = Audiences is [var only] ? only : Audiences,
            ["sub"] = Subject,
            ["client_id"] = ClientId,
            ["scope"] = string.Join(' ', Scopes),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = (now + ValidIn).ToUnixTimeSeconds(),
            ["jti"] = Guid.CreateVersion7().ToString("N", CultureInfo.InvariantCulture),
        };
        Add("exp", Lifetime is { } lifetime ? (now + lifetime).ToUnixTimeSeconds() : null);
        Add("auth_time", SignedInAgo is { } ago ? (now - ago).ToUnixTimeSeconds() : null);
        Add("step_up_time", Roles.Count > 0 && SteppedUpAgo is { } stepUp ? (now - stepUp).ToUnixTimeSeconds() : null);
        Add("org", Organization?.ToString());
        Add("org_role", OrganizationRole);
        Add("key_id", KeyId);
        Add("sid", SessionId);
        Add("act", Actor is null ? null : new Dictionary<string, string> { ["sub"] = Actor });
        Add("role", Roles switch { [] => null, [var role] => role, _ => Roles });
        return claims;

        void Add(string name, object? value)
        {
            if (value is not null)
            {
                claims[name] = value;
            }
        }
    }
}
