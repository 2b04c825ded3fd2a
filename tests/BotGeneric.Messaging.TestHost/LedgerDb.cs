using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Messaging.TestHost;

/// <summary>The database of the test service. Nothing in it forbids an effect to happen twice: that is what the tests look for.</summary>
public sealed class LedgerDb(DbContextOptions<LedgerDb> options) : DbContext(options)
{
    public DbSet<LedgerEffect> Effects => Set<LedgerEffect>();

    public DbSet<LedgerSwitch> Switches => Set<LedgerSwitch>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessaging();
        modelBuilder.Entity<LedgerEffect>(effect =>
        {
            effect.ToTable("effects");
            effect.HasKey(e => e.Number);
            effect.Property(e => e.Number).HasColumnName("number").UseIdentityAlwaysColumn();
            effect.Property(e => e.EventId).HasColumnName("event_id");
            effect.Property(e => e.Consumer).HasColumnName("consumer");
            effect.Property(e => e.Account).HasColumnName("account");
            effect.Property(e => e.Position).HasColumnName("position");
            effect.Property(e => e.Amount).HasColumnName("amount");
            effect.Property(e => e.TraceId).HasColumnName("trace_id");
        });
        modelBuilder.Entity<LedgerSwitch>(entry =>
        {
            entry.ToTable("switches");
            entry.HasKey(e => e.Name);
            entry.Property(e => e.Name).HasColumnName("name");
        });
    }
}

/// <summary>That an event was handled, once per time it was handled.</summary>
public sealed class LedgerEffect
{
    public long Number { get; private set; }

    public required Guid EventId { get; init; }

    public required string Consumer { get; init; }

    public required string Account { get; init; }

    public required int Position { get; init; }

    public required long Amount { get; init; }

    public string? TraceId { get; init; }
}

/// <summary>While a row stands here, poisonous events fail.</summary>
public sealed class LedgerSwitch
{
    public const string Broken = "broken";

    public required string Name { get; init; }
}
