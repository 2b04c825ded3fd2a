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

    /// <summary>What admins have set.</summary>
    public DbSet<LimitPolicy> Policies => Set<LimitPolicy>();

    /// <summary>Every version of that.</summary>
    public DbSet<PolicyVersion> PolicyVersions => Set<PolicyVersion>();

    /// <summary>Who changed what, when and why.</summary>
    public DbSet<PolicyAuditEntry> PolicyAudit => Set<PolicyAuditEntry>();

    /// <summary>Other maxima for accounts, persons and keys.</summary>
    public DbSet<LimitOverride> LimitOverrides => Set<LimitOverride>();

    /// <summary>One-off credits.</summary>
    public DbSet<CreditGrant> Grants => Set<CreditGrant>();

    /// <summary>Standings other than everybody's.</summary>
    public DbSet<AccountState> AccountStates => Set<AccountState>();

    /// <summary>Accounts that are organizations.</summary>
    public DbSet<KnownOrganization> Organizations => Set<KnownOrganization>();

    /// <summary>What was used, by hour.</summary>
    public DbSet<UsageCounter> UsageCounters => Set<UsageCounter>();

    /// <summary>How often the sums of targets have changed.</summary>
    public DbSet<CounterVersion> CounterVersions => Set<CounterVersion>();

    /// <summary>Sums that are not what the usage ledger has.</summary>
    public DbSet<LedgerDifference> LedgerDifferences => Set<LedgerDifference>();

    /// <summary>What credits have taken over.</summary>
    public DbSet<CoveredWindow> CoveredWindows => Set<CoveredWindow>();

    /// <summary>What was said about limits.</summary>
    public DbSet<LimitNotice> LimitNotices => Set<LimitNotice>();

    /// <summary>Calls that were refused.</summary>
    public DbSet<RefusedCall> Refusals => Set<RefusedCall>();

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
