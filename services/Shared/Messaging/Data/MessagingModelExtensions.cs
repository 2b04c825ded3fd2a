using BotGeneric.Messaging.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations.Builders;

namespace BotGeneric.Messaging;

/// <summary>Puts the tables of messaging into a service's database.</summary>
public static class MessagingModelExtensions
{
    /// <summary>
    /// Maps <c>outbox</c>, <c>inbox</c> and <c>dead_letters</c>. The names are part of the SQL of the dispatcher and are the same in every
    /// service; the schema is the connection's default one.
    /// </summary>
    /// <param name="modelBuilder">The model of the service's context.</param>
    public static ModelBuilder AddMessaging(this ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);

        modelBuilder.Entity<OutboxMessage>(outbox =>
        {
            outbox.ToTable("outbox");
            outbox.HasKey(m => m.Sequence).HasName("pk_outbox");
            outbox.Property(m => m.Sequence).HasColumnName("sequence").UseIdentityAlwaysColumn();
            outbox.Property(m => m.Id).HasColumnName("id");
            outbox.Property(m => m.Type).HasColumnName("type");
            outbox.Property(m => m.Body).HasColumnName("body");
            outbox.Property(m => m.TraceParent).HasColumnName("trace_parent");
            outbox.Property(m => m.TraceState).HasColumnName("trace_state");
            outbox.Property(m => m.OrderingKey).HasColumnName("ordering_key");
            outbox.Property(m => m.NotBefore).HasColumnName("not_before");
            outbox.Property(m => m.Attempts).HasColumnName("attempts").HasDefaultValue(0);
            outbox.Property(m => m.LastError).HasColumnName("last_error");
            outbox.Property(m => m.CreatedAt).HasColumnName("created_at");
            outbox.HasIndex(m => m.Id).IsUnique().HasDatabaseName("ix_outbox_id");
            outbox.HasIndex(m => new { m.NotBefore, m.Sequence }).HasDatabaseName("ix_outbox_due");
            outbox.HasIndex(m => new { m.OrderingKey, m.Sequence }).HasDatabaseName("ix_outbox_ordering_key")
                .HasFilter("ordering_key IS NOT NULL");
        });

        modelBuilder.Entity<InboxEntry>(inbox =>
        {
            inbox.ToTable("inbox");
            inbox.HasKey(e => new { e.Consumer, e.MessageId }).HasName("pk_inbox");
            inbox.Property(e => e.Consumer).HasColumnName("consumer");
            inbox.Property(e => e.MessageId).HasColumnName("message_id");
            inbox.Property(e => e.ProcessedAt).HasColumnName("processed_at");
            inbox.HasIndex(e => e.ProcessedAt).HasDatabaseName("ix_inbox_processed_at");
        });

        modelBuilder.Entity<DeadLetter>(letters =>
        {
            letters.ToTable("dead_letters", table => table.HasCheckConstraint("ck_dead_letters_direction", "direction IN ('publish', 'consume')"));
            letters.HasKey(d => d.Id).HasName("pk_dead_letters");
            letters.Property(d => d.Id).HasColumnName("id");
            letters.Property(d => d.Direction).HasColumnName("direction");
            letters.Property(d => d.Queue).HasColumnName("queue");
            letters.Property(d => d.MessageId).HasColumnName("message_id");
            letters.Property(d => d.Type).HasColumnName("type");
            letters.Property(d => d.Body).HasColumnName("body");
            letters.Property(d => d.Headers).HasColumnName("headers").HasColumnType("jsonb");
            letters.Property(d => d.OrderingKey).HasColumnName("ordering_key");
            letters.Property(d => d.TraceParent).HasColumnName("trace_parent");
            letters.Property(d => d.TraceState).HasColumnName("trace_state");
            letters.Property(d => d.Error).HasColumnName("error");
            letters.Property(d => d.Attempts).HasColumnName("attempts");
            letters.Property(d => d.FirstFailedAt).HasColumnName("first_failed_at");
            letters.Property(d => d.LastFailedAt).HasColumnName("last_failed_at");
            letters.Property(d => d.ReplayedAt).HasColumnName("replayed_at");
            letters.Property(d => d.ReplayedBy).HasColumnName("replayed_by");
            // A crash between the dead letter's commit and the broker's acknowledgement delivers the message again.
            letters.HasIndex(d => new { d.Direction, d.Queue, d.MessageId }).IsUnique().HasFilter("replayed_at IS NULL")
                .HasDatabaseName("ix_dead_letters_waiting");
            letters.HasIndex(d => d.LastFailedAt).HasDatabaseName("ix_dead_letters_last_failed_at");
        });

        return modelBuilder;
    }

    /// <summary>
    /// Adds what a model cannot say about the outbox: the trigger that wakes the dispatcher, and vacuum settings for a table whose rows live for
    /// milliseconds. Call it in the migration that creates the tables.
    /// </summary>
    /// <param name="migrationBuilder">The migration.</param>
    public static OperationBuilder<Microsoft.EntityFrameworkCore.Migrations.Operations.SqlOperation> CreateOutboxTrigger(this MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        return migrationBuilder.Sql(OutboxTrigger.Create);
    }

    /// <summary>Takes back <see cref="CreateOutboxTrigger"/>; call it before the table is dropped.</summary>
    /// <param name="migrationBuilder">The migration.</param>
    public static OperationBuilder<Microsoft.EntityFrameworkCore.Migrations.Operations.SqlOperation> DropOutboxTrigger(this MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        return migrationBuilder.Sql(OutboxTrigger.Drop);
    }
}
