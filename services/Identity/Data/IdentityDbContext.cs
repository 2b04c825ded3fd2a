using BotGeneric.Messaging;
using BotGeneric.ServiceDefaults.Idempotency;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Data;

/// <summary>Identity's own database.</summary>
/// <param name="options">Where it is.</param>
public sealed class IdentityDbContext(DbContextOptions<IdentityDbContext> options) : DbContext(options)
{
    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.AddMessaging();
        modelBuilder.AddIdempotencyKeys();
    }
}
