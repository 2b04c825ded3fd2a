using BotGeneric.Analytics.Domain;
using BotGeneric.Messaging;
using BotGeneric.ServiceDefaults.Idempotency;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Analytics.Data;

/// <summary>Analytics' own database: read models, all of them rebuildable.</summary>
/// <param name="options">Where it is.</param>
public sealed class AnalyticsDbContext(DbContextOptions<AnalyticsDbContext> options) : DbContext(options)
{
    /// <summary>Usage by hour.</summary>
    public DbSet<HourlyUsage> HourlyUsage => Set<HourlyUsage>();

    /// <summary>Subscriptions as they are.</summary>
    public DbSet<SubscriptionState> Subscriptions => Set<SubscriptionState>();

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(AnalyticsDbContext).Assembly);
        modelBuilder.AddMessaging();
        modelBuilder.AddMergedAccounts();
        modelBuilder.AddIdempotencyKeys();
    }
}
