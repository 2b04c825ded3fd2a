using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace BotGeneric.Simulators.SignIn.Protocol;

/// <summary>
/// The keys of a provider. Writes JSON Web Tokens by itself, without the library that the services read them with: a mistake shared with it
/// would not show.
/// </summary>
/// <param name="algorithm"><c>RS256</c> or <c>ES256</c>.</param>
public sealed class SigningKeys(string algorithm)
{
    // What a provider publishes at a time: the present one, the one before, and one more for a test that rotates twice.
    private const int MaximumKeys = 3;

    private readonly Lock _lock = new();
    private readonly List<SigningKey> _keys = [];

    /// <summary>The algorithm of every key.</summary>
    public string Algorithm => algorithm;

    /// <summary>Signs with a new key from now on.</summary>
    /// <param name="keepPrevious">Whether the keys before are still published, so that what they signed can be verified.</param>
    /// <returns>The new key's <c>kid</c>.</returns>
    public string Rotate(bool keepPrevious)
    {
        var key = new SigningKey(algorithm);
        lock (_lock)
        {
            EnsureKey();
            var kept = keepPrevious ? MaximumKeys - 1 : 0;
            // Not disposed: a request that is under way may still sign with it.
            _keys.RemoveRange(Math.Min(kept, _keys.Count), Math.Max(0, _keys.Count - kept));
            _keys.Insert(0, key);
            return key.Id;
        }
    }

    /// <summary>The JSON Web Key Set.</summary>
    /// <returns>A new object.</returns>
    public JsonObject PublicKeys()
    {
        lock (_lock)
        {
            EnsureKey();
            return new JsonObject { ["keys"] = new JsonArray([.. _keys.Select(key => key.ToJsonWebKey())]) };
        }
    }

    /// <summary>Writes a token.</summary>
    /// <param name="claims">What it says.</param>
    /// <param name="outcome">How it is to be wrong; only what concerns the signature is looked at.</param>
    /// <returns>The token in compact form.</returns>
    public string Sign(JsonObject claims, ForcedOutcome? outcome)
    {
        ArgumentNullException.ThrowIfNull(claims);
        SigningKey current;
        lock (_lock)
        {
            EnsureKey();
            current = _keys[0];
        }

        return outcome switch
        {
            ForcedOutcome.UnsignedToken => Encode("none", kid: null, claims) + ".",
            // A verifier that lets the token choose the algorithm takes the published key for a shared secret.
            ForcedOutcome.SymmetricSignature => Sign(
                Encode("HS256", current.Id, claims), input => HMACSHA256.HashData(Encoding.ASCII.GetBytes(current.PublicKeyPem), input)),
            ForcedOutcome.WrongSignature => Sign(Encode(algorithm, current.Id, claims), new SigningKey(algorithm).Sign),
            _ => Sign(Encode(algorithm, current.Id, claims), current.Sign),
        };
    }

    // With the first use: making an RSA key takes long enough to slow down every test that needs another provider.
    private void EnsureKey()
    {
        if (_keys.Count == 0)
        {
            _keys.Add(new SigningKey(algorithm));
        }
    }

    private static string Encode(string algorithm, string? kid, JsonObject claims)
    {
        var header = new JsonObject { ["alg"] = algorithm, ["typ"] = "JWT" };
        if (kid is not null)
        {
            header["kid"] = kid;
        }

        return $"{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(header))}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims))}";
    }

    private static string Sign(string input, Func<byte[], byte[]> sign) => $"{input}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(input)))}";
}

/// <summary>One key pair.</summary>
internal sealed class SigningKey
{
    private readonly RSA? _rsa;
    private readonly ECDsa? _ecdsa;

    internal SigningKey(string algorithm)
    {
        if (algorithm == SigningAlgorithms.Es256)
        {
            _ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        }
        else
        {
            _rsa = RSA.Create(2048);
        }
    }

    internal string Id { get; } = RandomNumberGenerator.GetHexString(20, lowercase: true);

    internal string PublicKeyPem => _rsa?.ExportSubjectPublicKeyInfoPem() ?? _ecdsa!.ExportSubjectPublicKeyInfoPem();

    internal byte[] Sign(byte[] input) =>
        _rsa?.SignData(input, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
        // Two numbers of fixed length, RFC 7518 section 3.4, not the DER that certificates use.
        ?? _ecdsa!.SignData(input, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    internal JsonObject ToJsonWebKey()
    {
        var key = new JsonObject { ["use"] = "sig", ["kid"] = Id };
        if (_rsa is not null)
        {
            var parameters = _rsa.ExportParameters(includePrivateParameters: false);
            key["kty"] = "RSA";
            key["alg"] = SigningAlgorithms.Rs256;
            key["n"] = Base64Url.EncodeToString(parameters.Modulus);
            key["e"] = Base64Url.EncodeToString(parameters.Exponent);
            return key;
        }

        var point = _ecdsa!.ExportParameters(includePrivateParameters: false).Q;
        key["kty"] = "EC";
        key["alg"] = SigningAlgorithms.Es256;
        key["crv"] = "P-256";
        key["x"] = Base64Url.EncodeToString(point.X);
        key["y"] = Base64Url.EncodeToString(point.Y);
        return key;
    }
}
