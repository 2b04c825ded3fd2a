using BotGeneric.Messaging;
using BotGeneric.ServiceDefaults.Idempotency;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Notifications.Data;

/// <summary>Notifications' own database.</summary>
/// <param name="options">Where it is.</param>
public sealed class NotificationsDbContext(DbContextOptions<NotificationsDbContext> options) : DbContext(options)
{
    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.AddMessaging();
        modelBuilder.AddIdempotencyKeys();
    }
}
