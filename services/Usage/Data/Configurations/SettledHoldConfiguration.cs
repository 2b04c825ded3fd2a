using BotGeneric.Usage.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BotGeneric.Usage.Data.Configurations;

internal sealed class SettledHoldConfiguration : IEntityTypeConfiguration<SettledHold>
{
    public void Configure(EntityTypeBuilder<SettledHold> builder)
    {
        builder.ToTable("settled_holds");
        builder.HasKey(hold => new { hold.AccountId, hold.HoldId });
        // Old ones go in the order in which they came.
        builder.HasIndex(hold => hold.RecordedAt).HasMethod("brin");
    }
}
