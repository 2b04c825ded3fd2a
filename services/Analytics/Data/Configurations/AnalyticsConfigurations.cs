using BotGeneric.Analytics.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BotGeneric.Analytics.Data.Configurations;

internal sealed class HourlyUsageConfiguration : IEntityTypeConfiguration<HourlyUsage>
{
    public void Configure(EntityTypeBuilder<HourlyUsage> builder)
    {
        builder.ToTable("usage_hourly");
        builder.HasKey(usage => new { usage.AccountId, usage.Hour, usage.Feature, usage.Model });
        builder.Property(usage => usage.Feature).HasMaxLength(100);
        builder.Property(usage => usage.Model).HasMaxLength(100);
        builder.HasIndex(usage => usage.Hour);
    }
}

internal sealed class SubscriptionStateConfiguration : IEntityTypeConfiguration<SubscriptionState>
{
    public void Configure(EntityTypeBuilder<SubscriptionState> builder)
    {
        builder.ToTable("subscription_states");
        builder.HasKey(state => state.SubscriptionId);
        builder.Property(state => state.SubscriptionId).ValueGeneratedNever();
        builder.Property(state => state.PlanCode).HasMaxLength(50);
        builder.Property(state => state.Status).HasMaxLength(20);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
