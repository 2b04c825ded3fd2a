using BotGeneric.Messaging;
using BotGeneric.Policy.Domain;
using BotGeneric.ServiceDefaults.Idempotency;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Policy.Data;

/// <summary>Policy's own database.</summary>
/// <param name="options">Where it is.</param>
public sealed class PolicyDbContext(DbContextOptions<PolicyDbContext> options) : DbContext(options)
{
    /// <summary>What subscriptions entitle to.</summary>
    public DbSet<PlanGrant> PlanGrants => Set<PlanGrant>();

    /// <summary>What was used, by hour.</summary>
    public DbSet<UsageCounter> UsageCounters => Set<UsageCounter>();

    /// <summary>How often the sums of targets have changed.</summary>
    public DbSet<CounterVersion> CounterVersions => Set<CounterVersion>();

    /// <summary>What credits have taken over.</summary>
    public DbSet<CoveredWindow> CoveredWindows => Set<CoveredWindow>();

    /// <summary>What was said about limits.</summary>
    public DbSet<LimitNotice> LimitNotices => Set<LimitNotice>();

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(PolicyDbContext).Assembly);
        modelBuilder.AddMessaging();
        modelBuilder.AddMergedAccounts();
        modelBuilder.AddIdempotencyKeys();
    }
}
