using BotGeneric.Messaging;
using BotGeneric.ServiceDefaults.Idempotency;
using BotGeneric.Usage.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Usage.Data;

/// <summary>Usage's own database.</summary>
/// <param name="options">Where it is.</param>
public sealed class UsageDbContext(DbContextOptions<UsageDbContext> options) : DbContext(options)
{
    /// <summary>The ledger.</summary>
    public DbSet<LedgerEntry> Ledger => Set<LedgerEntry>();

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(UsageDbContext).Assembly);
        modelBuilder.AddMessaging();
        modelBuilder.AddMergedAccounts();
        modelBuilder.AddIdempotencyKeys();
    }
}
