using BotGeneric.Usage.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BotGeneric.Usage.Data.Configurations;

internal sealed class LedgerEntryConfiguration : IEntityTypeConfiguration<LedgerEntry>
{
    public void Configure(EntityTypeBuilder<LedgerEntry> builder)
    {
        // Partitioned by recorded_at, which a model cannot say: LedgerSql has the table, its partitions and the rule of what a duplicate is.
        builder.ToTable("ledger", table =>
        {
            table.HasCheckConstraint(
                "ck_ledger_entry",
                """
                (cost IS NULL) = (currency IS NULL) AND (corrects_entry_id IS NULL) = (reason IS NULL) AND (corrects_entry_id IS NOT NULL OR (requests IN (0, 1)
                AND input_tokens >= 0 AND cached_input_tokens >= 0 AND cache_write_tokens >= 0 AND output_tokens >= 0 AND reasoning_tokens >= 0 AND coalesce(cost, 0) >= 0))
                """);
            table.HasCheckConstraint("ck_ledger_correction", "corrects_entry_id IS NOT NULL OR (gives_cost IS NULL AND meter_differences IS NULL)");
        });
        builder.HasKey(entry => new { entry.Id, entry.RecordedAt });
        builder.Property(entry => entry.Id).ValueGeneratedNever();
        builder.Property(entry => entry.Type).HasMaxLength(CloudEventLimits.MaximumTypeLength);
        builder.Property(entry => entry.Source).HasMaxLength(CloudEventLimits.MaximumSourceLength).UseCollation("C");
        builder.Property(entry => entry.SourceId).HasMaxLength(CloudEventLimits.MaximumIdLength).UseCollation("C");
        builder.Property(entry => entry.Feature).HasMaxLength(CloudEventLimits.MaximumNameLength);
        builder.Property(entry => entry.Provider).HasMaxLength(CloudEventLimits.MaximumNameLength);
        builder.Property(entry => entry.Model).HasMaxLength(CloudEventLimits.MaximumNameLength);
        builder.Property(entry => entry.Channel).HasMaxLength(CloudEventLimits.MaximumNameLength);
        builder.Property(entry => entry.ApiKeyId).HasMaxLength(CloudEventLimits.MaximumNameLength);
        builder.Property(entry => entry.Data).HasColumnType("jsonb");
        builder.Property(entry => entry.Cost).HasPrecision(38, 12);
        builder.Property(entry => entry.Currency).HasColumnType("character(3)");
        builder.Property(entry => entry.Reason).HasMaxLength(CloudEventLimits.MaximumReasonLength);
        builder.Property(entry => entry.MeterDifferences).HasColumnType("jsonb");
        builder.Ignore(entry => entry.MeterQuantities);
        builder.Ignore(entry => entry.IsOfSettledHold);
        builder.HasIndex(entry => new { entry.AccountId, entry.Time, entry.Id });
        // Entries of all accounts in a time. Most are recorded soon after they happen, so a summary of each range of pages finds them, and costs whoever records nearly nothing.
        builder.HasIndex(entry => entry.Time).HasMethod("brin").HasStorageParameter("autosummarize", true);
        builder.HasIndex(entry => entry.BatchId);
        builder.HasIndex(entry => entry.CorrectsEntryId).HasFilter("corrects_entry_id IS NOT NULL");
        // Who leaves or becomes one with another account is looked for in the rows of organizations.
        builder.HasIndex(entry => entry.UserId).HasFilter("user_id <> account_id");
    }
}

internal sealed class LedgerBatchConfiguration : IEntityTypeConfiguration<LedgerBatch>
{
    public void Configure(EntityTypeBuilder<LedgerBatch> builder)
    {
        builder.ToTable("ledger_batches", table => table.HasCheckConstraint("ck_ledger_batches_entries", "entries > 0"));
        builder.HasKey(batch => batch.Id);
        builder.Property(batch => batch.Id).UseIdentityByDefaultColumn();
        builder.HasIndex(batch => batch.Id).HasDatabaseName("ix_ledger_batches_waiting").HasFilter("rolled_up_at IS NULL");
    }
}
