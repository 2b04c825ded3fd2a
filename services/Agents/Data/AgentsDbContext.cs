using BotGeneric.Agents.Domain;
using BotGeneric.Messaging;
using BotGeneric.ServiceDefaults.Idempotency;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Agents.Data;

/// <summary>Agents' own database.</summary>
/// <param name="options">Where it is.</param>
public sealed class AgentsDbContext(DbContextOptions<AgentsDbContext> options) : DbContext(options)
{
    /// <summary>What answers people.</summary>
    public DbSet<Agent> Agents => Set<Agent>();

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(AgentsDbContext).Assembly);
        modelBuilder.AddMessaging();
        modelBuilder.AddIdempotencyKeys();
    }
}
