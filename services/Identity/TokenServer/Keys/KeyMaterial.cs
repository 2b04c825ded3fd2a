using System.Security.Cryptography;
using BotGeneric.Identity.Domain;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.Identity.TokenServer.Keys;

/// <summary>Makes keys, and turns a row of the table into one that signs.</summary>
internal sealed class KeyMaterial(IDataProtectionProvider protection)
{
    public const string ES256 = SecurityAlgorithms.EcdsaSha256;
    public const string RS256 = SecurityAlgorithms.RsaSha256;
    public const string A256KW = SecurityAlgorithms.Aes256KW;

    private const int RsaBits = 2048;
    private const int KeyIdBytes = 16;

    private readonly IDataProtector _protector = protection.CreateProtector("BotGeneric.Identity.SigningKeys.v1");

    /// <summary>Every kind of key that the token server needs. The first that signs is the default.</summary>
    public static IReadOnlyList<(SigningKeyUse Use, string Algorithm)> Kinds { get; } =
        [(SigningKeyUse.Signing, ES256), (SigningKeyUse.Signing, RS256), (SigningKeyUse.Encryption, A256KW)];

    public SigningKey Create(SigningKeyUse use, string algorithm, DateTimeOffset now, DateTimeOffset activeAt, SigningKeyOptions options) => SigningKey.Create(
        Convert.ToHexString(RandomNumberGenerator.GetBytes(KeyIdBytes)), use, algorithm, _protector.Protect(Convert.ToBase64String(Generate(algorithm))), now,
        activeAt, options.Rotation, options.Retention);

    /// <summary>The key of a row.</summary>
    /// <exception cref="CryptographicException">The key ring that encrypted it is lost, or the row was tampered with.</exception>
    public SecurityKey Open(SigningKey row)
    {
        var bytes = Convert.FromBase64String(_protector.Unprotect(row.ProtectedKey));
        switch (row.Algorithm)
        {
            case ES256:
                var ecdsa = ECDsa.Create();
                ecdsa.ImportPkcs8PrivateKey(bytes, out _);
                return new ECDsaSecurityKey(ecdsa) { KeyId = row.Id };
            case RS256:
                var rsa = RSA.Create();
                rsa.ImportPkcs8PrivateKey(bytes, out _);
                return new RsaSecurityKey(rsa) { KeyId = row.Id };
            case A256KW:
                return new SymmetricSecurityKey(bytes) { KeyId = row.Id };
            default:
                throw new CryptographicException($"The algorithm '{row.Algorithm}' is not known.");
        }
    }

    private static byte[] Generate(string algorithm)
    {
        switch (algorithm)
        {
            case ES256:
                using (var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256))
                {
                    return ecdsa.ExportPkcs8PrivateKey();
                }

            case RS256:
                using (var rsa = RSA.Create(RsaBits))
                {
                    return rsa.ExportPkcs8PrivateKey();
                }

            default:
                return RandomNumberGenerator.GetBytes(32);
        }
    }
}
