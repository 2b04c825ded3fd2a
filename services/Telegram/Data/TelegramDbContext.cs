using BotGeneric.Messaging;
using BotGeneric.ServiceDefaults.Idempotency;
using BotGeneric.Telegram.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Telegram.Data;

/// <summary>Telegram's own database.</summary>
/// <param name="options">Where it is.</param>
public sealed class TelegramDbContext(DbContextOptions<TelegramDbContext> options) : DbContext(options)
{
    /// <summary>Bots that people write to.</summary>
    public DbSet<Bot> Bots => Set<Bot>();

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(TelegramDbContext).Assembly);
        modelBuilder.AddMessaging();
        modelBuilder.AddIdempotencyKeys();
    }
}
