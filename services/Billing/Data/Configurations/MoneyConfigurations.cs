using BotGeneric.Billing.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BotGeneric.Billing.Data.Configurations;

internal sealed class CustomerConfiguration : IEntityTypeConfiguration<Customer>
{
    public void Configure(EntityTypeBuilder<Customer> builder)
    {
        builder.ToTable("customers");
        builder.HasKey(customer => customer.PaddleId);
        builder.Property(customer => customer.PaddleId).HasMaxLength(100);
        builder.Property(customer => customer.Email).HasMaxLength(320);
        builder.Property(customer => customer.Name).HasMaxLength(1024);
        builder.Property(customer => customer.Status).HasMaxLength(50);
        builder.Property(customer => customer.LastEventId).HasMaxLength(100);
        builder.HasIndex(customer => customer.AccountId);
        builder.HasIndex(customer => customer.Email);
        builder.HasIndex(customer => customer.CheckoutId);
        builder.Ignore(customer => customer.SnapshotVersion);
        builder.Ignore(customer => customer.IsLinkedByAdmin);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class ErasedPersonConfiguration : IEntityTypeConfiguration<ErasedPerson>
{
    public void Configure(EntityTypeBuilder<ErasedPerson> builder)
    {
        builder.ToTable("erased_people");
        builder.HasKey(erased => erased.PersonId);
        builder.Property(erased => erased.PersonId).ValueGeneratedNever();
    }
}

internal sealed class PaymentMethodConfiguration : IEntityTypeConfiguration<PaymentMethod>
{
    public void Configure(EntityTypeBuilder<PaymentMethod> builder)
    {
        builder.ToTable("payment_methods");
        builder.HasKey(method => method.PaddleId);
        builder.Property(method => method.PaddleId).HasMaxLength(100);
        builder.Property(method => method.CustomerId).HasMaxLength(100);
        builder.Property(method => method.Type).HasMaxLength(50);
        builder.HasIndex(method => method.CustomerId);
    }
}

internal sealed class TransactionConfiguration : IEntityTypeConfiguration<Transaction>
{
    public void Configure(EntityTypeBuilder<Transaction> builder)
    {
        builder.ToTable("transactions");
        builder.HasKey(transaction => transaction.PaddleId);
        builder.Property(transaction => transaction.PaddleId).HasMaxLength(100);
        builder.Property(transaction => transaction.Failures).AsJson();
        builder.Property(transaction => transaction.LastEventId).HasMaxLength(100);
        builder.Ignore(transaction => transaction.SnapshotVersion);
        builder.ComplexProperty(transaction => transaction.State, state =>
        {
            state.Property(value => value.Status).HasColumnName("status").HasConversion<string>().HasMaxLength(20);
            state.Property(value => value.RawStatus).HasColumnName("raw_status").HasMaxLength(50);
            state.Property(value => value.CustomerId).HasColumnName("customer_id").HasMaxLength(100);
            state.Property(value => value.SubscriptionId).HasColumnName("subscription_paddle_id").HasMaxLength(100);
            state.Property(value => value.Origin).HasColumnName("origin").HasMaxLength(100);
            state.Property(value => value.CollectionMode).HasColumnName("collection_mode").HasMaxLength(50);
            state.Property(value => value.Currency).HasColumnName("currency").HasMaxLength(3);
            state.Property(value => value.Items).HasColumnName("items").AsJson();
            state.Property(value => value.PeriodStart).HasColumnName("period_start");
            state.Property(value => value.PeriodEnd).HasColumnName("period_end");
            state.Property(value => value.InvoiceId).HasColumnName("invoice_id").HasMaxLength(100);
            state.Property(value => value.InvoiceNumber).HasColumnName("invoice_number").HasMaxLength(100);
            state.Property(value => value.CreatedAt).HasColumnName("created_at");
            state.Property(value => value.BilledAt).HasColumnName("billed_at");
            state.Property(value => value.FailedAttempt).HasColumnName("failed_attempt").HasMaxLength(100);
            state.Property(value => value.PaymentErrorCode).HasColumnName("payment_error_code").HasMaxLength(100);
            state.ComplexProperty(value => value.Totals, totals =>
            {
                totals.Property(value => value.Subtotal).HasColumnName("subtotal");
                totals.Property(value => value.Discount).HasColumnName("discount");
                totals.Property(value => value.Tax).HasColumnName("tax");
                totals.Property(value => value.Total).HasColumnName("total");
                totals.Property(value => value.Credit).HasColumnName("credit");
                totals.Property(value => value.CreditToBalance).HasColumnName("credit_to_balance");
                totals.Property(value => value.Balance).HasColumnName("balance");
                totals.Property(value => value.GrandTotal).HasColumnName("grand_total");
                totals.Property(value => value.GrandTotalTax).HasColumnName("grand_total_tax");
                totals.Property(value => value.Fee).HasColumnName("fee");
                totals.Property(value => value.Earnings).HasColumnName("earnings");
            });
        });
        builder.HasIndex(transaction => new { transaction.AccountId, transaction.CompletedAt });
        builder.HasIndex(transaction => transaction.CheckoutId);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class AdjustmentConfiguration : IEntityTypeConfiguration<Adjustment>
{
    public void Configure(EntityTypeBuilder<Adjustment> builder)
    {
        builder.ToTable("adjustments");
        builder.HasKey(adjustment => adjustment.PaddleId);
        builder.Property(adjustment => adjustment.PaddleId).HasMaxLength(100);
        builder.Property(adjustment => adjustment.LastEventId).HasMaxLength(100);
        builder.Ignore(adjustment => adjustment.SnapshotVersion);
        builder.ComplexProperty(adjustment => adjustment.State, state =>
        {
            state.Property(value => value.Status).HasColumnName("status").HasConversion<string>().HasMaxLength(20);
            state.Property(value => value.RawStatus).HasColumnName("raw_status").HasMaxLength(50);
            state.Property(value => value.Action).HasColumnName("action").HasMaxLength(50);
            state.Property(value => value.Type).HasColumnName("type").HasMaxLength(50);
            state.Property(value => value.TransactionId).HasColumnName("transaction_id").HasMaxLength(100);
            state.Property(value => value.SubscriptionId).HasColumnName("subscription_paddle_id").HasMaxLength(100);
            state.Property(value => value.CustomerId).HasColumnName("customer_id").HasMaxLength(100);
            state.Property(value => value.Reason).HasColumnName("reason").HasMaxLength(2000);
            state.Property(value => value.Currency).HasColumnName("currency").HasMaxLength(3);
            state.Property(value => value.Subtotal).HasColumnName("subtotal");
            state.Property(value => value.Tax).HasColumnName("tax");
            state.Property(value => value.Total).HasColumnName("total");
            state.Property(value => value.CreatedAt).HasColumnName("created_at");
            state.Property(value => value.GoesToBalance).HasColumnName("goes_to_balance");
            state.Ignore(value => value.IsMoneyMoved);
            state.Ignore(value => value.IsReverse);
        });
        builder.HasIndex(adjustment => adjustment.AccountId);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class ReconciliationRunConfiguration : IEntityTypeConfiguration<ReconciliationRun>
{
    public void Configure(EntityTypeBuilder<ReconciliationRun> builder)
    {
        builder.ToTable("reconciliation_runs");
        builder.HasKey(run => run.Id);
        builder.Property(run => run.Id).ValueGeneratedNever();
        builder.Property(run => run.Trigger).HasConversion<string>().HasMaxLength(20);
        builder.Property(run => run.Status).HasConversion<string>().HasMaxLength(20);
        builder.Property(run => run.Position).HasMaxLength(200);
        builder.Property(run => run.Error).HasMaxLength(2000);
    }
}

internal sealed class ReconciliationDifferenceConfiguration : IEntityTypeConfiguration<ReconciliationDifference>
{
    public void Configure(EntityTypeBuilder<ReconciliationDifference> builder)
    {
        builder.ToTable("reconciliation_differences");
        builder.HasKey(difference => difference.Id);
        builder.Property(difference => difference.Id).ValueGeneratedNever();
        builder.Property(difference => difference.Entity).HasMaxLength(50);
        builder.Property(difference => difference.PaddleId).HasMaxLength(100);
        builder.Property(difference => difference.Field).HasMaxLength(100);
        builder.Property(difference => difference.Ours).HasMaxLength(1000);
        builder.Property(difference => difference.Theirs).HasMaxLength(1000);
        // A comparison that is taken up again finds what it has found already.
        builder.HasIndex(difference => new { difference.RunId, difference.Entity, difference.PaddleId, difference.Field }).IsUnique();
    }
}

internal sealed class BillingAuditConfiguration : IEntityTypeConfiguration<BillingAuditEntry>
{
    public void Configure(EntityTypeBuilder<BillingAuditEntry> builder)
    {
        builder.ToTable("billing_audit");
        builder.HasKey(entry => entry.Id);
        builder.Property(entry => entry.Id).ValueGeneratedNever();
        builder.Property(entry => entry.Actor).HasMaxLength(200);
        builder.Property(entry => entry.Action).HasMaxLength(100);
        builder.Property(entry => entry.Target).HasMaxLength(200);
        builder.Property(entry => entry.Reason).HasMaxLength(1000);
        builder.Property(entry => entry.Details).HasColumnType("jsonb");
        builder.HasIndex(entry => entry.AccountId);
        builder.HasIndex(entry => entry.Target);
    }
}
