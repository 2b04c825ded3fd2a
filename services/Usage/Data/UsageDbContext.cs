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

    /// <summary>The commits of the ledger.</summary>
    public DbSet<LedgerBatch> LedgerBatches => Set<LedgerBatch>();

    /// <summary>The holds that events have settled.</summary>
    public DbSet<SettledHold> SettledHolds => Set<SettledHold>();

    /// <summary>What the operator measures beside the calls of language models.</summary>
    public DbSet<Meter> Meters => Set<Meter>();

    /// <summary>What calls of models cost.</summary>
    public DbSet<ModelPrice> ModelPrices => Set<ModelPrice>();

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
