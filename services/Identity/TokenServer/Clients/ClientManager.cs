using System.Security.Cryptography;
using BotGeneric.Identity.Accounts;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Core;

namespace BotGeneric.Identity.TokenServer.Clients;

/// <summary>
/// Keeps the secrets of clients as SHA-256. They are 256 random bits or, when configured, at least 32 characters, so the slow hash that is used otherwise
/// would protect nothing and would cost milliseconds of each request of the gateway.
/// </summary>
internal sealed class ClientManager<TApplication>(
    IOpenIddictApplicationCache<TApplication> cache, ILogger<OpenIddictApplicationManager<TApplication>> logger,
    IOptionsMonitor<OpenIddictCoreOptions> options, IOpenIddictApplicationStore<TApplication> store)
    : OpenIddictApplicationManager<TApplication>(cache, logger, options, store)
    where TApplication : class
{
    protected override ValueTask<string> ObfuscateClientSecretAsync(string secret, CancellationToken cancellationToken = default) =>
        new(Convert.ToBase64String(Secrets.Hash(secret)));

    protected override ValueTask<bool> ValidateClientSecretAsync(string secret, string comparand, CancellationToken cancellationToken = default)
    {
        var expected = new byte[SHA256.HashSizeInBytes];
        return new(Convert.TryFromBase64String(comparand, expected, out var length)
            && length == expected.Length
            && CryptographicOperations.FixedTimeEquals(Secrets.Hash(secret), expected));
    }
}
