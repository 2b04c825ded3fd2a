using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.ServiceDefaults.Authentication;

/// <summary>
/// Where the public keys of the issuer come from. The default fetches <see cref="ApiAuthenticationOptions.JwksAddress"/>; the issuer itself
/// registers one that reads what it has.
/// </summary>
public interface ISigningKeySource
{
    /// <summary>The keys with which a token may be signed at present.</summary>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>Public keys, each with a <c>kid</c>. None at all is taken as a failure.</returns>
    Task<IReadOnlyCollection<SecurityKey>> LoadAsync(CancellationToken cancellationToken);
}

/// <summary>Fetches the issuer's key set, and nothing else of its metadata: everything else is known from configuration.</summary>
/// <param name="clients">Makes the client.</param>
/// <param name="options">The address.</param>
internal sealed class JwksSource(IHttpClientFactory clients, IOptions<ApiAuthenticationOptions> options) : ISigningKeySource
{
    internal const string ClientName = "signing-keys";

    // A key set has a few keys of half a kilobyte.
    internal const int MaximumBytes = 256 * 1024;

    public async Task<IReadOnlyCollection<SecurityKey>> LoadAsync(CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(ClientName);
        var json = await client.GetStringAsync(options.Value.JwksAddress, cancellationToken);
        return [.. new JsonWebKeySet(json).Keys.Where(IsUsable)];
    }

    // A symmetric key in a public document is no secret, and an encryption key signs nothing.
    private static bool IsUsable(JsonWebKey key) =>
        !string.IsNullOrEmpty(key.Kid)
        && key.Kty is JsonWebAlgorithmsKeyTypes.EllipticCurve or JsonWebAlgorithmsKeyTypes.RSA
        && key.Use is null or "" or JsonWebKeyUseNames.Sig;
}
