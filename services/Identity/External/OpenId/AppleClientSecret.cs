using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.Identity.External.OpenId;

/// <summary>
/// The client secret that Apple wants: a token signed with the developer's key
/// (https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret). Apple accepts six months; a day is
/// enough, and one that leaks is worth little.
/// </summary>
internal sealed class AppleClientSecret(IOptions<ExternalSignInOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    private readonly Lock _lock = new();
    private (string Secret, DateTimeOffset RenewAt)? _current;

    /// <summary>The secret of this time.</summary>
    internal string Get()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (_current is not { } current || now >= current.RenewAt)
            {
                current = (Create(options.Value.Apple, now), now + (Lifetime / 2));
                _current = current;
            }

            return current.Secret;
        }
    }

    /// <summary>Reads the developer's key.</summary>
    /// <param name="pem">PEM.</param>
    /// <exception cref="CryptographicException">It is no key on P-256.</exception>
    /// <exception cref="ArgumentException">It is no PEM.</exception>
    internal static ECDsa ReadKey(string pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem.Replace("\\n", "\n", StringComparison.Ordinal));
            // Signing fails with half a key: a public one.
            key.SignHash(new byte[32]);
            return key.KeySize == 256 ? key : throw new CryptographicException("The key is not on P-256.");
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private static string Create(AppleSignInOptions apple, DateTimeOffset now)
    {
        using var key = ReadKey(apple.PrivateKey!);
        // The key is disposed here, so the library must not keep a signer of it.
        var signingKey = new ECDsaSecurityKey(key) { KeyId = apple.KeyId, CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } };
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = apple.TeamId,
            Audience = apple.Authority.AbsoluteUri.TrimEnd('/'),
            IssuedAt = now.UtcDateTime,
            Expires = now.UtcDateTime + Lifetime,
            Claims = new Dictionary<string, object> { ["sub"] = apple.ClientId! },
            SigningCredentials = new SigningCredentials(signingKey, SecurityAlgorithms.EcdsaSha256),
        });
    }
}
