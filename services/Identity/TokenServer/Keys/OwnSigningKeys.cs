using System.Security.Cryptography;
using BotGeneric.ServiceDefaults.Authentication;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.Identity.TokenServer.Keys;

/// <summary>The keys with which this service checks its own access tokens: read from the table, so that it does not depend on calling itself.</summary>
internal sealed class OwnSigningKeys(SigningKeyStore store, SigningKeyRing ring) : ISigningKeySource
{
    public async Task<IReadOnlyCollection<SecurityKey>> LoadAsync(CancellationToken cancellationToken)
    {
        // A token may name a key that another replica has made a moment ago.
        await store.RefreshAsync(mayWait: ring.Keys.Signing.Count == 0, cancellationToken);
        return [.. ring.Keys.Signing.Select(credentials => PublicHalf(credentials.Key))];
    }

    private static SecurityKey PublicHalf(SecurityKey key) => key switch
    {
        ECDsaSecurityKey ecdsa => new ECDsaSecurityKey(ECDsa.Create(ecdsa.ECDsa.ExportParameters(includePrivateParameters: false))) { KeyId = key.KeyId },
        RsaSecurityKey rsa => new RsaSecurityKey(rsa.Rsa.ExportParameters(includePrivateParameters: false)) { KeyId = key.KeyId },
        _ => throw new NotSupportedException($"A key of the type {key.GetType().Name} signs no tokens."),
    };
}
