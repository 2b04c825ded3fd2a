using System.Security.Cryptography;
using System.Text;
using BotGeneric.Notifications.Data;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Notifications.Security;

/// <summary>
/// Recognises an address without keeping it. A plain hash would not do: who has it can try every address there is; so the hash has a key,
/// made at the first use and kept encrypted in this service's database.
/// </summary>
/// <param name="provider">Encrypts the key.</param>
/// <param name="scopes">
/// A context of its own for the key: in the caller's transaction a key could be remembered here and rolled back there.
/// </param>
public sealed class AddressFingerprints(IDataProtectionProvider provider, IServiceScopeFactory scopes)
{
    private readonly IDataProtector _protector = provider.CreateProtector("BotGeneric.Notifications.FingerprintKey.v1");
    private byte[]? _key;

    /// <summary>The fingerprint of an address. Letter case does not matter: nobody has two mailboxes that differ in it.</summary>
    /// <param name="address">The address.</param>
    /// <param name="cancellationToken">Cancels the look for the key.</param>
    /// <returns>32 bytes.</returns>
    public async Task<byte[]> OfAsync(string address, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        var key = _key ??= await KeyAsync(cancellationToken);
        return HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(address.Trim().ToLowerInvariant()));
    }

    private async Task<byte[]> KeyAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<NotificationsDbContext>();
        if (await db.Set<FingerprintKey>().AsNoTracking().SingleOrDefaultAsync(cancellationToken) is not { } stored)
        {
            // Replicas that start together each make one; the first insert wins, and all read what won.
            var made = _protector.Protect(RandomNumberGenerator.GetBytes(32));
            await db.Database.ExecuteSqlAsync(
                $"INSERT INTO fingerprint_key (id, protected_key) VALUES (1, {made}) ON CONFLICT (id) DO NOTHING", cancellationToken);
            stored = await db.Set<FingerprintKey>().AsNoTracking().SingleAsync(cancellationToken);
        }

        return _protector.Unprotect(stored.ProtectedKey);
    }
}
