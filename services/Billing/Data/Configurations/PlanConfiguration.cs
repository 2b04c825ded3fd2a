using BotGeneric.Billing.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BotGeneric.Billing.Data.Configurations;

internal sealed class PlanConfiguration : IEntityTypeConfiguration<Plan>
{
    public void Configure(EntityTypeBuilder<Plan> builder)
    {
        builder.ToTable("plans", table => table.HasCheckConstraint("ck_plans_version", "version > 0"));
        builder.HasKey(plan => plan.Code);
        builder.Property(plan => plan.Code).HasMaxLength(50);
        builder.Property(plan => plan.Name).HasMaxLength(100);
        builder.Property(plan => plan.Entitlements)
            .HasColumnType("jsonb")
            .HasConversion(new EntitlementsConverter(), new EntitlementsComparer());
        builder.HasMany(plan => plan.Prices).WithOne().HasForeignKey(price => price.PlanCode);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class PlanPriceConfiguration : IEntityTypeConfiguration<PlanPrice>
{
    public void Configure(EntityTypeBuilder<PlanPrice> builder)
    {
        builder.ToTable("plan_prices");
        builder.HasKey(price => price.PaddlePriceId);
        builder.Property(price => price.PaddlePriceId).HasMaxLength(100);
    }
}
