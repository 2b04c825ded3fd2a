using BotGeneric.Messaging;
using BotGeneric.Notifications.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Notifications.Messaging;

/// <summary>
/// Forgets everything that was sent to a person, also what waits to be sent, and that the person's addresses were refused: what stays of an address is a
/// fingerprint, and it is the fingerprint of somebody's address all the same.
/// </summary>
internal sealed class PersonEraser : IPersonEraser<NotificationsDbContext>
{
    public async Task EraseAsync(Guid userId, NotificationsDbContext db, CancellationToken cancellationToken)
    {
        var addresses = await db.Deliveries
            .Where(delivery => delivery.UserId == userId)
            .Select(delivery => delivery.AddressFingerprint)
            .Distinct()
            .ToListAsync(cancellationToken);
        // Messages to these addresses from before there was an account, such as the one that verified the address. What went to an address that another
        // account has by now is that account's.
        var own = new List<byte[]>();
        foreach (var address in addresses)
        {
            if (!await db.Deliveries.AnyAsync(
                delivery => delivery.AddressFingerprint == address && delivery.UserId != null && delivery.UserId != userId, cancellationToken))
            {
                own.Add(address);
            }
        }

        await db.Deliveries
            .Where(delivery => delivery.UserId == userId || (delivery.UserId == null && own.Contains(delivery.AddressFingerprint)))
            .ExecuteDeleteAsync(cancellationToken);
        await db.Suppressions.Where(suppression => own.Contains(suppression.AddressFingerprint)).ExecuteDeleteAsync(cancellationToken);
    }
}
