using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.SignIn.Apple;

/// <summary>
/// Checks the JSON Web Tokens with which clients prove themselves:
/// https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret.
/// </summary>
/// <param name="options">The team and its key.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class AppleClientSecrets(IOptions<SignInOptions> options, TimeProvider timeProvider)
{
    // Six months, as Apple counts them.
    private const long MaximumSeconds = 15_777_000;
    private const long Skew = 60;

    private readonly ECDsa _key = options.Value.Apple.PublicKey is { } key ? ReadPublicKey(key) : ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>The private half in PEM, when the pair was generated here; null when the public half was configured.</summary>
    public string? GeneratedPrivateKey => options.Value.Apple.PublicKey is null ? _key.ExportPkcs8PrivateKeyPem() : null;

    /// <summary>Whether a client secret is one.</summary>
    /// <param name="secret">The token.</param>
    /// <param name="clientId">Who must be its subject.</param>
    /// <param name="issuer">Who must be its audience.</param>
    /// <returns>False for everything else, without a reason, as Apple answers.</returns>
    internal bool IsValid(string secret, string clientId, string issuer)
    {
        if (secret.Split('.') is not [var header, var payload, var signature])
        {
            return false;
        }

        try
        {
            using var head = JsonDocument.Parse(Base64Url.DecodeFromChars(header));
            using var body = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            var apple = options.Value.Apple;
            return Text(head.RootElement, "alg") == SigningAlgorithms.Es256
                && Text(head.RootElement, "kid") == apple.KeyId
                && _key.VerifyData(
                    Encoding.ASCII.GetBytes($"{header}.{payload}"),
                    Base64Url.DecodeFromChars(signature),
                    HashAlgorithmName.SHA256,
                    DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
                && Text(body.RootElement, "iss") == apple.TeamId
                && Text(body.RootElement, "sub") == clientId
                && Text(body.RootElement, "aud") == issuer
                && AreTimesValid(body.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Reads a public key on P-256.</summary>
    /// <param name="text">PEM, or the base64 inside of a PEM.</param>
    /// <returns>The key.</returns>
    /// <exception cref="CryptographicException">It is none.</exception>
    internal static ECDsa ReadPublicKey(string text)
    {
        var key = ECDsa.Create();
        try
        {
            if (text.Contains("-----BEGIN", StringComparison.Ordinal))
            {
                key.ImportFromPem(text);
            }
            else
            {
                key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(text), out _);
            }

            return key.KeySize == 256 ? key : throw new CryptographicException("The key is not on P-256.");
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private bool AreTimesValid(JsonElement claims)
    {
        var now = timeProvider.GetUtcNow().ToUnixTimeSeconds();
        return Number(claims, "iat") is { } issuedAt
            && Number(claims, "exp") is { } expires
            && issuedAt <= now + Skew
            && expires > now
            && expires <= now + MaximumSeconds
            && expires - issuedAt <= MaximumSeconds + Skew;
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.TryGetInt64(out var number) ? number : null;
}
