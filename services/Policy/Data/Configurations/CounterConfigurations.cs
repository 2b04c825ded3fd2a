using System.Text.Json;
using BotGeneric.Policy.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace BotGeneric.Policy.Data.Configurations;

internal sealed class UsageCounterConfiguration : IEntityTypeConfiguration<UsageCounter>
{
    public void Configure(EntityTypeBuilder<UsageCounter> builder)
    {
        builder.ToTable("usage_counters");
        // In the order in which windows are added up.
        builder.HasKey(counter => new
        {
            counter.AccountId,
            counter.Meter,
            counter.Bucket,
            counter.UserId,
            counter.ApiKeyId,
            counter.Feature,
            counter.Model,
            counter.Channel,
        });
        builder.Property(counter => counter.Meter).HasMaxLength(100);
        builder.Property(counter => counter.ApiKeyId).HasMaxLength(100);
        builder.Property(counter => counter.Feature).HasMaxLength(100);
        builder.Property(counter => counter.Model).HasMaxLength(100);
        builder.Property(counter => counter.Channel).HasMaxLength(100);
        builder.Property(counter => counter.Used).HasPrecision(38, 12);
        // Merges and deletions of persons; retention, in the order in which the table grows.
        builder.HasIndex(counter => counter.UserId);
        builder.HasIndex(counter => counter.Bucket).HasMethod("brin");
    }
}

internal sealed class CounterVersionConfiguration : IEntityTypeConfiguration<CounterVersion>
{
    public void Configure(EntityTypeBuilder<CounterVersion> builder)
    {
        builder.ToTable("counter_versions");
        builder.HasKey(version => new { version.AccountId, version.Target });
        builder.Property(version => version.Target).HasMaxLength(120);
        // Without an index: it would be written with every count, and is looked at a few times a day.
        builder.Property(version => version.TouchedAt).HasDefaultValueSql("now()");
    }
}

internal sealed class LedgerDifferenceConfiguration : IEntityTypeConfiguration<LedgerDifference>
{
    public void Configure(EntityTypeBuilder<LedgerDifference> builder)
    {
        builder.ToTable("ledger_differences", table => table.HasCheckConstraint("ck_ledger_differences", "difference <> 0 AND looks > 0"));
        builder.HasKey(row => new { row.AccountId, row.Meter });
        builder.Property(row => row.Meter).HasMaxLength(110);
        builder.Property(row => row.Difference).HasPrecision(38, 12);
    }
}

internal sealed class CoveredWindowConfiguration : IEntityTypeConfiguration<CoveredWindow>
{
    public void Configure(EntityTypeBuilder<CoveredWindow> builder)
    {
        builder.ToTable("covered_windows", table => table.HasCheckConstraint("ck_covered_windows_covered", "covered >= 0"));
        builder.HasKey(window => new { window.AccountId, window.Field });
        builder.Property(window => window.Field).HasMaxLength(60);
        builder.Property(window => window.Covered).HasPrecision(38, 12);
    }
}

internal sealed class LimitNoticeConfiguration : IEntityTypeConfiguration<LimitNotice>
{
    public void Configure(EntityTypeBuilder<LimitNotice> builder)
    {
        builder.ToTable("limit_notices");
        builder.HasKey(notice => new { notice.AccountId, notice.Target, notice.Limit, notice.WindowStart, notice.Percent });
        builder.Property(notice => notice.Target).HasMaxLength(120);
        builder.Property(notice => notice.Limit).HasMaxLength(200);
    }
}

internal sealed class RefusedCallConfiguration : IEntityTypeConfiguration<RefusedCall>
{
    public void Configure(EntityTypeBuilder<RefusedCall> builder)
    {
        builder.ToTable("refusals");
        builder.HasKey(refusal => refusal.Id);
        builder.Property(refusal => refusal.Id).ValueGeneratedNever();
        builder.HasIndex(refusal => new { refusal.AccountId, refusal.Id });
        builder.HasIndex(refusal => refusal.UserId);
        builder.HasIndex(refusal => refusal.At).HasMethod("brin");
        builder.Property(refusal => refusal.ApiKeyId).HasMaxLength(100);
        builder.Property(refusal => refusal.Feature).HasMaxLength(100);
        builder.Property(refusal => refusal.Model).HasMaxLength(100);
        builder.Property(refusal => refusal.Channel).HasMaxLength(100);
        builder.Property(refusal => refusal.Reason).HasMaxLength(50);
        builder.Property(refusal => refusal.Limit).HasMaxLength(200);
        builder.Property(refusal => refusal.TraceId).HasMaxLength(32);
        builder.Property(refusal => refusal.Limits)
            .HasColumnType("jsonb")
            .HasConversion(
                new ValueConverter<IReadOnlyList<RefusedCallLimit>, string>(
                    limits => JsonSerializer.Serialize(limits, JsonSerializerOptions.Web),
                    json => JsonSerializer.Deserialize<RefusedCallLimit[]>(json, JsonSerializerOptions.Web) ?? Array.Empty<RefusedCallLimit>()),
                new ValueComparer<IReadOnlyList<RefusedCallLimit>>(
                    (left, right) => left!.SequenceEqual(right!),
                    limits => limits.Aggregate(0, (hash, limit) => HashCode.Combine(hash, limit)),
                    limits => limits.ToArray()));
    }
}
