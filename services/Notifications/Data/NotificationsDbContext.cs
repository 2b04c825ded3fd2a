using BotGeneric.Messaging;
using BotGeneric.Notifications.Domain;
using BotGeneric.ServiceDefaults.Idempotency;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Notifications.Data;

/// <summary>Notifications' own database.</summary>
/// <param name="options">Where it is.</param>
public sealed class NotificationsDbContext(DbContextOptions<NotificationsDbContext> options) : DbContext(options), IDataProtectionKeyContext
{
    /// <summary>Messages and what became of them.</summary>
    public DbSet<Delivery> Deliveries => Set<Delivery>();

    /// <summary>Addresses that were refused for good.</summary>
    public DbSet<Suppression> Suppressions => Set<Suppression>();

    /// <summary>The keys that encrypt the content of deliveries.</summary>
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(NotificationsDbContext).Assembly);
        modelBuilder.AddMessaging();
        modelBuilder.AddMergedAccounts();
        modelBuilder.AddIdempotencyKeys();
    }
}

/// <summary>The one row that holds the key of the fingerprints of addresses.</summary>
public sealed class FingerprintKey
{
    /// <summary>Always 1.</summary>
    public int Id { get; private set; } = 1;

    /// <summary>The key, encrypted as the content of deliveries is.</summary>
    public byte[] ProtectedKey { get; private set; } = [];
}
