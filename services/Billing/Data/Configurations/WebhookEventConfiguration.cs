using BotGeneric.Billing.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BotGeneric.Billing.Data.Configurations;

internal sealed class WebhookEventConfiguration : IEntityTypeConfiguration<WebhookEvent>
{
    public void Configure(EntityTypeBuilder<WebhookEvent> builder)
    {
        builder.ToTable("paddle_inbox");
        builder.HasKey(inbox => inbox.EventId);
        builder.Property(inbox => inbox.EventId).HasMaxLength(100);
        builder.Property(inbox => inbox.EventType).HasMaxLength(100);
        builder.Property(inbox => inbox.TraceParent).HasMaxLength(60);
        builder.Property(inbox => inbox.Error).HasMaxLength(2000);
        builder.Ignore(inbox => inbox.IsEmptied);
        builder.Property(inbox => inbox.Status).HasConversion<string>().HasMaxLength(20);
        builder.HasIndex(inbox => inbox.NextAttemptAt).HasFilter("status = 'Pending'").HasDatabaseName("ix_paddle_inbox_pending");
        builder.HasIndex(inbox => new { inbox.ReceivedAt, inbox.EventId });
        // Counted again and again, and never many.
        builder.HasIndex(inbox => inbox.ReceivedAt).HasFilter("status = 'Failed'").HasDatabaseName("ix_paddle_inbox_failed");
    }
}
