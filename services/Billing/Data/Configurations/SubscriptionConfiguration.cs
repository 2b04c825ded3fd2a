using BotGeneric.Billing.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BotGeneric.Billing.Data.Configurations;

internal sealed class SubscriptionConfiguration : IEntityTypeConfiguration<Subscription>
{
    public void Configure(EntityTypeBuilder<Subscription> builder)
    {
        builder.ToTable("subscriptions", table => table.HasCheckConstraint(
            "ck_subscriptions_source", "(source = 'Paddle') = (paddle_id IS NOT NULL)"));
        builder.HasKey(subscription => subscription.Id);
        builder.Property(subscription => subscription.Id).ValueGeneratedNever();
        builder.Property(subscription => subscription.Source).HasConversion<string>().HasMaxLength(20);
        builder.Property(subscription => subscription.PaddleId).HasMaxLength(100);
        builder.HasIndex(subscription => subscription.PaddleId).IsUnique();
        builder.Property(subscription => subscription.CustomerId).HasMaxLength(100);
        builder.HasIndex(subscription => subscription.CustomerId);
        builder.HasIndex(subscription => subscription.AccountId);
        builder.Property(subscription => subscription.Product).HasMaxLength(50);
        builder.Property(subscription => subscription.PlanCode).HasMaxLength(50);
        builder.HasIndex(subscription => subscription.PriceIds).HasMethod("gin");
        builder.Property(subscription => subscription.Entitlements).AsJson();
        builder.Property(subscription => subscription.LastEventId).HasMaxLength(100);
        builder.Ignore(subscription => subscription.SnapshotVersion);
        builder.Ignore(subscription => subscription.IsLive);
        builder.ComplexProperty(subscription => subscription.State, state =>
        {
            state.Property(value => value.Status).HasColumnName("status").HasConversion<string>().HasMaxLength(20);
            state.Property(value => value.RawStatus).HasColumnName("raw_status").HasMaxLength(50);
            state.Property(value => value.Currency).HasColumnName("currency").HasMaxLength(3);
            state.Property(value => value.CollectionMode).HasColumnName("collection_mode").HasMaxLength(50);
            state.Property(value => value.Items).HasColumnName("items").AsJson();
            state.Property(value => value.StartedAt).HasColumnName("started_at");
            state.Property(value => value.PeriodStart).HasColumnName("period_start");
            state.Property(value => value.PeriodEnd).HasColumnName("period_end");
            state.Property(value => value.NextBilledAt).HasColumnName("next_billed_at");
            state.Property(value => value.TrialEndsAt).HasColumnName("trial_ends_at");
            state.Property(value => value.PausedAt).HasColumnName("paused_at");
            state.Property(value => value.CanceledAt).HasColumnName("canceled_at");
            state.Property(value => value.ScheduledChange).HasColumnName("scheduled_change").AsJson();
        });
        // Who looks for what the clock alone has changed.
        builder.HasIndex(subscription => subscription.GraceEndsAt).HasFilter("grants_access AND grace_ends_at IS NOT NULL");
        // Two workers with two events of one subscription: the later commit starts again from the earlier one.
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class SubscriptionTimelineConfiguration : IEntityTypeConfiguration<SubscriptionTimelineEntry>
{
    public void Configure(EntityTypeBuilder<SubscriptionTimelineEntry> builder)
    {
        builder.ToTable("subscription_timeline");
        builder.HasKey(entry => entry.EventId);
        builder.Property(entry => entry.EventId).HasMaxLength(100);
        builder.Property(entry => entry.SubscriptionPaddleId).HasMaxLength(100);
        builder.Property(entry => entry.EventType).HasMaxLength(100);
        builder.Property(entry => entry.Status).HasConversion<string>().HasMaxLength(20);
        builder.HasIndex(entry => new { entry.SubscriptionPaddleId, entry.OccurredAt });
        builder.Ignore(entry => entry.Version);
    }
}

internal sealed class CheckoutConfiguration : IEntityTypeConfiguration<Checkout>
{
    public void Configure(EntityTypeBuilder<Checkout> builder)
    {
        builder.ToTable("checkouts");
        builder.HasKey(checkout => checkout.Id);
        builder.Property(checkout => checkout.Id).ValueGeneratedNever();
        builder.Property(checkout => checkout.PlanCode).HasMaxLength(50);
        builder.Property(checkout => checkout.Product).HasMaxLength(50);
        builder.Property(checkout => checkout.TransactionId).HasMaxLength(100);
        builder.HasIndex(checkout => checkout.TransactionId).IsUnique();
        builder.HasIndex(checkout => checkout.CreatedBy);
        builder.Property(checkout => checkout.Url).HasMaxLength(2000);
        builder.Property(checkout => checkout.Status).HasConversion<string>().HasMaxLength(20);
        builder.Property(checkout => checkout.CreatedBy).HasMaxLength(200);
        // Two tabs: the second one finds the first one's.
        builder.HasIndex(checkout => new { checkout.AccountId, checkout.Product })
            .IsUnique().HasFilter("status IN ('Creating', 'Open')").HasDatabaseName("ix_checkouts_one_open");
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
