using BotGeneric.Notifications.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BotGeneric.Notifications.Data.Configurations;

internal sealed class DeliveryConfiguration : IEntityTypeConfiguration<Delivery>
{
    public void Configure(EntityTypeBuilder<Delivery> builder)
    {
        builder.ToTable("deliveries", table =>
        {
            // What is final needs no address any more; a failed delivery keeps it until the time it says.
            table.HasCheckConstraint(
                "ck_deliveries_content",
                "(state = 'Pending' AND content IS NOT NULL) OR state = 'Failed' OR (state NOT IN ('Pending', 'Failed') AND content IS NULL)");
            table.HasCheckConstraint("ck_deliveries_content_deleted_at", "state <> 'Failed' OR (content IS NULL) = (content_deleted_at IS NULL)");
        });
        builder.HasKey(delivery => delivery.Id);
        builder.Property(delivery => delivery.Id).ValueGeneratedNever();
        builder.HasIndex(delivery => delivery.EventId).IsUnique();
        builder.Property(delivery => delivery.Template).HasMaxLength(50);
        builder.Property(delivery => delivery.Language).HasMaxLength(2);
        builder.Property(delivery => delivery.MaskedAddress).HasMaxLength(320);
        builder.Property(delivery => delivery.State).HasConversion<string>().HasMaxLength(20);
        builder.Property(delivery => delivery.LastReason).HasMaxLength(200);
        builder.Property(delivery => delivery.MessageId).HasMaxLength(320);
        builder.Property(delivery => delivery.TraceParent).HasMaxLength(60);
        builder.HasIndex(delivery => delivery.NextAttemptAt).HasFilter("state = 'Pending'").HasDatabaseName("ix_deliveries_pending");
        builder.HasIndex(delivery => delivery.ExpiresAt).HasFilter("state = 'Pending'").HasDatabaseName("ix_deliveries_expiring");
        builder.HasIndex(delivery => delivery.ContentDeletedAt).HasFilter("content_deleted_at IS NOT NULL").HasDatabaseName("ix_deliveries_content");
        builder.HasIndex(delivery => delivery.FinishedAt).HasFilter("finished_at IS NOT NULL").HasDatabaseName("ix_deliveries_finished");
        builder.HasIndex(delivery => new { delivery.UserId, delivery.Id });
        builder.HasIndex(delivery => delivery.AddressFingerprint);
    }
}

internal sealed class SuppressionConfiguration : IEntityTypeConfiguration<Suppression>
{
    public void Configure(EntityTypeBuilder<Suppression> builder)
    {
        builder.ToTable("suppressions");
        builder.HasKey(suppression => suppression.Id);
        builder.Property(suppression => suppression.Id).ValueGeneratedNever();
        builder.HasIndex(suppression => suppression.AddressFingerprint).IsUnique();
        builder.Property(suppression => suppression.MaskedAddress).HasMaxLength(320);
        builder.Property(suppression => suppression.Reason).HasMaxLength(200);
    }
}

internal sealed class FingerprintKeyConfiguration : IEntityTypeConfiguration<FingerprintKey>
{
    public void Configure(EntityTypeBuilder<FingerprintKey> builder)
    {
        builder.ToTable("fingerprint_key", table => table.HasCheckConstraint("ck_fingerprint_key_single", "id = 1"));
        builder.HasKey(key => key.Id);
        builder.Property(key => key.Id).ValueGeneratedNever();
    }
}
