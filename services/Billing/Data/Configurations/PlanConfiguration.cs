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
        builder.Property(plan => plan.Terms).AsJson();
        builder.Property(plan => plan.Visibility).HasConversion<string>().HasMaxLength(20);
        builder.Property(plan => plan.PaddleProductId).HasMaxLength(100);
        builder.HasIndex(plan => plan.PaddleProductId).IsUnique();
        builder.HasMany(plan => plan.Prices).WithOne().HasForeignKey(price => price.PlanCode);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class PlanVersionConfiguration : IEntityTypeConfiguration<PlanVersion>
{
    public void Configure(EntityTypeBuilder<PlanVersion> builder)
    {
        builder.ToTable("plan_versions");
        builder.HasKey(version => new { version.PlanCode, version.Version });
        builder.Property(version => version.PlanCode).HasMaxLength(50);
        builder.Property(version => version.Terms).AsJson();
        builder.Property(version => version.CreatedBy).HasMaxLength(200);
    }
}

internal sealed class PriceConfiguration : IEntityTypeConfiguration<Price>
{
    public void Configure(EntityTypeBuilder<Price> builder)
    {
        builder.ToTable("prices");
        builder.HasKey(price => price.Id);
        builder.Property(price => price.Id).ValueGeneratedNever();
        builder.Property(price => price.Terms).AsJson();
        builder.Property(price => price.PaddleId).HasMaxLength(100);
        builder.HasIndex(price => price.PaddleId).IsUnique();
        builder.Property(price => price.PaddleIdWithoutTrial).HasMaxLength(100);
        builder.HasIndex(price => price.PaddleIdWithoutTrial).IsUnique();
    }
}

internal sealed class CatalogueEntryConfiguration : IEntityTypeConfiguration<CatalogueEntry>
{
    public void Configure(EntityTypeBuilder<CatalogueEntry> builder)
    {
        builder.ToTable("paddle_catalogue");
        builder.HasKey(entry => entry.PaddleId);
        builder.Property(entry => entry.PaddleId).HasMaxLength(100);
        builder.Property(entry => entry.ProductId).HasMaxLength(100);
        builder.Property(entry => entry.Status).HasMaxLength(50);
        builder.Property(entry => entry.Data).HasColumnType("jsonb");
    }
}
