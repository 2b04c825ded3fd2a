using BotGeneric.Usage.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BotGeneric.Usage.Data.Configurations;

internal sealed class LedgerEntryConfiguration : IEntityTypeConfiguration<LedgerEntry>
{
    public void Configure(EntityTypeBuilder<LedgerEntry> builder)
    {
        builder.ToTable("ledger", table => table.HasCheckConstraint(
            "ck_ledger_tokens",
            "input_tokens >= 0 AND cached_input_tokens >= 0 AND cache_write_tokens >= 0 AND output_tokens >= 0 AND reasoning_tokens >= 0"));
        builder.HasKey(entry => entry.Id);
        builder.Property(entry => entry.Id).ValueGeneratedNever();
        builder.Property(entry => entry.Source).HasMaxLength(CloudEventLimits.MaximumSourceLength);
        builder.Property(entry => entry.SourceId).HasMaxLength(CloudEventLimits.MaximumIdLength);
        builder.Property(entry => entry.Feature).HasMaxLength(CloudEventLimits.MaximumNameLength);
        builder.Property(entry => entry.Provider).HasMaxLength(CloudEventLimits.MaximumNameLength);
        builder.Property(entry => entry.Model).HasMaxLength(CloudEventLimits.MaximumNameLength);
        // The rule of what a duplicate is: the time is no part of it, because a reporter that retries may stamp anew.
        builder.HasIndex(entry => new { entry.AccountId, entry.Source, entry.SourceId }).IsUnique();
        builder.HasIndex(entry => new { entry.AccountId, entry.Time, entry.Id });
    }
}
