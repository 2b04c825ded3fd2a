using BotGeneric.Billing.Domain;
using BotGeneric.Messaging;
using BotGeneric.ServiceDefaults.Idempotency;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Data;

/// <summary>Billing's own database.</summary>
/// <param name="options">Where it is.</param>
public sealed class BillingDbContext(DbContextOptions<BillingDbContext> options) : DbContext(options)
{
    /// <summary>What can be subscribed to.</summary>
    public DbSet<Plan> Plans => Set<Plan>();

    /// <summary>Payers and the accounts they pay for.</summary>
    public DbSet<Customer> Customers => Set<Customer>();

    /// <summary>What accounts pay for.</summary>
    public DbSet<Subscription> Subscriptions => Set<Subscription>();

    /// <summary>The inbox of the payment provider's events.</summary>
    public DbSet<WebhookEvent> WebhookEvents => Set<WebhookEvent>();

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(BillingDbContext).Assembly);
        modelBuilder.AddMessaging();
        modelBuilder.AddMergedAccounts();
        modelBuilder.AddIdempotencyKeys();
    }
}
