using BotGeneric.Usage.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BotGeneric.Usage.Data.Configurations;

internal sealed class MeterConfiguration : IEntityTypeConfiguration<Meter>
{
    public void Configure(EntityTypeBuilder<Meter> builder)
    {
        builder.ToTable("meters", table =>
        {
            table.HasCheckConstraint("ck_meters_aggregation", "aggregation IN ('sum', 'count', 'unique', 'max', 'latest')");
            table.HasCheckConstraint("ck_meters_value_property", "(aggregation = 'count') = (value_property IS NULL)");
        });
        builder.HasKey(meter => meter.Code);
        builder.Property(meter => meter.Code).HasMaxLength(Meter.MaximumNameLength);
        builder.Property(meter => meter.EventType).HasMaxLength(Meter.MaximumNameLength);
        builder.Property(meter => meter.Aggregation)
            .HasMaxLength(10)
            .HasConversion(aggregation => aggregation.ToString().ToLowerInvariant(), text => Enum.Parse<MeterAggregation>(text, true));
        builder.Property(meter => meter.ValueProperty).HasMaxLength(Meter.MaximumNameLength);
        builder.PrimitiveCollection(meter => meter.Dimensions).HasColumnType("text[]");
        builder.Property(meter => meter.Unit).HasMaxLength(Meter.MaximumNameLength);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
