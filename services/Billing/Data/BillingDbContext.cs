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

    /// <summary>What plans promised at each of their versions.</summary>
    public DbSet<PlanVersion> PlanVersions => Set<PlanVersion>();

    /// <summary>What plans cost and have cost.</summary>
    public DbSet<Price> Prices => Set<Price>();

    /// <summary>The provider's catalogue, as it last said.</summary>
    public DbSet<CatalogueEntry> CatalogueEntries => Set<CatalogueEntry>();

    /// <summary>Payers and the accounts they pay for.</summary>
    public DbSet<Customer> Customers => Set<Customer>();

    /// <summary>Who was erased.</summary>
    public DbSet<ErasedPerson> ErasedPeople => Set<ErasedPerson>();

    /// <summary>What accounts pay for.</summary>
    public DbSet<Subscription> Subscriptions => Set<Subscription>();

    /// <summary>What was ever said about subscriptions.</summary>
    public DbSet<SubscriptionTimelineEntry> SubscriptionTimeline => Set<SubscriptionTimelineEntry>();

    /// <summary>Wishes to subscribe.</summary>
    public DbSet<Checkout> Checkouts => Set<Checkout>();

    /// <summary>Payments.</summary>
    public DbSet<Transaction> Transactions => Set<Transaction>();

    /// <summary>What was given or taken back.</summary>
    public DbSet<Adjustment> Adjustments => Set<Adjustment>();

    /// <summary>Ways to pay that payers have saved.</summary>
    public DbSet<PaymentMethod> PaymentMethods => Set<PaymentMethod>();

    /// <summary>Comparisons with the provider.</summary>
    public DbSet<ReconciliationRun> ReconciliationRuns => Set<ReconciliationRun>();

    /// <summary>What they found.</summary>
    public DbSet<ReconciliationDifference> ReconciliationDifferences => Set<ReconciliationDifference>();

    /// <summary>Who did what about money.</summary>
    public DbSet<BillingAuditEntry> AuditEntries => Set<BillingAuditEntry>();

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
