using BotGeneric.Billing.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BotGeneric.Billing.Data.Configurations;

internal sealed class SubscriptionConfiguration : IEntityTypeConfiguration<Subscription>
{
    public void Configure(EntityTypeBuilder<Subscription> builder)
    {
        builder.ToTable("subscriptions");
        builder.HasKey(subscription => subscription.Id);
        builder.Property(subscription => subscription.Id).ValueGeneratedNever();
        builder.Property(subscription => subscription.PaddleId).HasMaxLength(100);
        builder.HasIndex(subscription => subscription.PaddleId).IsUnique();
        builder.HasIndex(subscription => subscription.AccountId);
        builder.Property(subscription => subscription.Status).HasConversion<string>().HasMaxLength(20);
        builder.Property(subscription => subscription.RawStatus).HasMaxLength(50);
        builder.Property(subscription => subscription.PlanCode).HasMaxLength(50);
        builder.HasIndex(subscription => subscription.PriceIds).HasMethod("gin");
        builder.Property(subscription => subscription.Entitlements)
            .HasColumnType("jsonb")
            .HasConversion(new EntitlementsConverter(), new EntitlementsComparer());
        // Two workers with two events of one subscription: the later commit starts again from the earlier one.
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class CustomerConfiguration : IEntityTypeConfiguration<Customer>
{
    public void Configure(EntityTypeBuilder<Customer> builder)
    {
        builder.ToTable("customers");
        builder.HasKey(customer => customer.PaddleId);
        builder.Property(customer => customer.PaddleId).HasMaxLength(100);
        builder.HasIndex(customer => customer.AccountId);
    }
}

internal sealed class WebhookEventConfiguration : IEntityTypeConfiguration<WebhookEvent>
{
    public void Configure(EntityTypeBuilder<WebhookEvent> builder)
    {
        builder.ToTable("paddle_inbox");
        builder.HasKey(inbox => inbox.EventId);
        builder.Property(inbox => inbox.EventId).HasMaxLength(100);
        builder.Property(inbox => inbox.EventType).HasMaxLength(100);
        builder.Property(inbox => inbox.TraceParent).HasMaxLength(60);
        builder.Property(inbox => inbox.Error).HasMaxLength(2000);
        builder.Property(inbox => inbox.Status).HasConversion<string>().HasMaxLength(20);
        builder.HasIndex(inbox => inbox.NextAttemptAt).HasFilter("status = 'Pending'").HasDatabaseName("ix_paddle_inbox_pending");
        builder.HasIndex(inbox => new { inbox.ReceivedAt, inbox.EventId });
    }
}
