using System.Text.Json;
using BotGeneric.Usage.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BotGeneric.Usage.Data.Configurations;

internal sealed class ModelPriceConfiguration : IEntityTypeConfiguration<ModelPrice>
{
    public void Configure(EntityTypeBuilder<ModelPrice> builder)
    {
        // That two prices of a model do not overlap no model can say: PriceSql has the constraint.
        builder.ToTable("model_prices", table => table.HasCheckConstraint("ck_model_prices_times", "effective_to IS NULL OR effective_to > effective_from"));
        builder.HasKey(price => price.Id);
        builder.Property(price => price.Id).ValueGeneratedNever();
        // Compared and sorted by their bytes, so that a page goes on where the one before ended in every locale.
        builder.Property(price => price.Provider).HasMaxLength(ModelPrice.MaximumNameLength).UseCollation("C");
        builder.Property(price => price.Model).HasMaxLength(ModelPrice.MaximumNameLength).UseCollation("C");
        builder.Property(price => price.Currency).HasColumnType("character(3)");
        builder.Property(price => price.Source).HasMaxLength(ModelPrice.MaximumSourceLength);
        // Numbers of jsonb are exact decimals, and are read as such.
        builder.Property(price => price.Tiers)
            .HasColumnType("jsonb")
            .HasConversion(
                tiers => JsonSerializer.Serialize(tiers, JsonSerializerOptions.Web),
                text => JsonSerializer.Deserialize<PriceTier[]>(text, JsonSerializerOptions.Web)!,
                new ValueComparer<IReadOnlyList<PriceTier>>(
                    (left, right) => left!.SequenceEqual(right!), tiers => tiers.Aggregate(0, (hash, tier) => HashCode.Combine(hash, tier)), tiers => tiers));
        builder.HasIndex(price => new { price.Provider, price.Model, price.EffectiveFrom }).IsUnique();
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
