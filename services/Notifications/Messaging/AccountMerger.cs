using BotGeneric.Messaging;
using BotGeneric.Notifications.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Notifications.Messaging;

/// <summary>What was sent to one account concerns the other one's person from now on, and is erased with that.</summary>
internal sealed class AccountMerger : IAccountMerger<NotificationsDbContext>
{
    public Task MergeAsync(Guid absorbed, Guid kept, NotificationsDbContext db, CancellationToken cancellationToken) => db.Deliveries
        .Where(delivery => delivery.UserId == absorbed)
        .ExecuteUpdateAsync(row => row.SetProperty(delivery => delivery.UserId, kept), cancellationToken);
}
