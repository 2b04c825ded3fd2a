using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace BotGeneric.Simulators.Tests.SignIn;

/// <summary>How the application talks to one provider.</summary>
public sealed record TestProvider(string Name, string AuthorizePath, string TokenPath, string ClientId, string Scope)
{
    /// <summary>The verifier of every request.</summary>
    public const string Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    /// <summary>Google.</summary>
    public static readonly TestProvider Google = new(
        "google", "/sign-in/google/o/oauth2/v2/auth", "/sign-in/google/token", "100000000000-development.apps.simulated.invalid", "openid email profile");

    /// <summary>Apple.</summary>
    public static readonly TestProvider Apple = new("apple", "/sign-in/apple/auth/authorize", "/sign-in/apple/auth/token", "com.example.development.signin", "name email");

    /// <summary>Telegram.</summary>
    public static readonly TestProvider Telegram = new("telegram", "/sign-in/telegram/auth", "/sign-in/telegram/token", "7000000001", "openid profile");

    /// <summary>The challenge that belongs to the verifier.</summary>
    public static string Challenge => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    /// <summary>Where answers go.</summary>
    public string RedirectUri => $"http://localhost:8080/account/external/{Name}/callback";

    /// <summary>The client's secret, where it has one that stays.</summary>
    public string Secret => $"simulated-{Name}-client-secret";

    /// <summary>How it authenticates by header; only with Telegram.</summary>
    public AuthenticationHeaderValue? Authentication => Name == "telegram" ? Basic(ClientId, Secret) : null;

    /// <summary>By name, for theories.</summary>
    public static TestProvider Of(string name) => name switch
    {
        "google" => Google,
        "apple" => Apple,
        _ => Telegram,
    };

    /// <summary>Basic authentication.</summary>
    public static AuthenticationHeaderValue Basic(string id, string secret) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(id)}:{Uri.EscapeDataString(secret)}")));

    /// <summary>The parameters of an authorization request.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Authorization((string Name, string? Value)[] changes) => Change(
        new()
        {
            ["response_type"] = "code",
            ["client_id"] = ClientId,
            ["redirect_uri"] = RedirectUri,
            ["scope"] = Scope,
            ["state"] = "the-state",
            ["nonce"] = "the-nonce",
            ["code_challenge"] = Challenge,
            ["code_challenge_method"] = "S256",
            ["response_mode"] = Name == "apple" ? "form_post" : null,
        },
        changes);

    /// <summary>The parameters of an exchange.</summary>
    public IEnumerable<KeyValuePair<string, string>> Exchange(SignInSimulatorHost host, string code, (string Name, string? Value)[] changes) => Change(
        new()
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = RedirectUri,
            ["code_verifier"] = Verifier,
            ["client_id"] = ClientId,
            ["client_secret"] = Name switch
            {
                "google" => Secret,
                "apple" => AppleSecret.Create(host),
                _ => null,
            },
        },
        changes).Select(pair => KeyValuePair.Create(pair.Key, pair.Value!));

    private static IEnumerable<KeyValuePair<string, string?>> Change(Dictionary<string, string?> parameters, (string Name, string? Value)[] changes)
    {
        foreach (var (name, value) in changes)
        {
            parameters[name] = value;
        }

        return parameters.Where(pair => pair.Value is not null);
    }
}
