using System.Text.Json;
using BotGeneric.Policy.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace BotGeneric.Policy.Data.Configurations;

internal sealed class LimitPolicyConfiguration : IEntityTypeConfiguration<LimitPolicy>
{
    internal const int CodeLength = 50;

    public void Configure(EntityTypeBuilder<LimitPolicy> builder)
    {
        builder.ToTable("policies", table => table.HasCheckConstraint("ck_policies_version", "version >= 1"));
        builder.HasKey(policy => policy.Id);
        builder.Property(policy => policy.Id).ValueGeneratedNever();
        builder.HasIndex(policy => policy.Code).IsUnique();
        builder.Property(policy => policy.Code).HasMaxLength(CodeLength);
        builder.Property(policy => policy.Terms).HasTerms();
        // What an admin has read is what is changed, see the API; and two who have read the same do not both win.
        builder.Property(policy => policy.Version).IsConcurrencyToken();
    }
}

internal sealed class PolicyVersionConfiguration : IEntityTypeConfiguration<PolicyVersion>
{
    public void Configure(EntityTypeBuilder<PolicyVersion> builder)
    {
        builder.ToTable("policy_versions");
        builder.HasKey(version => new { version.PolicyId, version.Version });
        builder.HasOne<LimitPolicy>().WithMany().HasForeignKey(version => version.PolicyId).OnDelete(DeleteBehavior.Restrict);
        builder.Property(version => version.Terms).HasTerms();
        builder.Property(version => version.Change).HasConversion<string>().HasMaxLength(20);
        builder.Property(version => version.ChangedBy).HasMaxLength(100);
        builder.Property(version => version.Reason).HasMaxLength(500);
    }
}

internal sealed class PolicyAuditEntryConfiguration : IEntityTypeConfiguration<PolicyAuditEntry>
{
    public void Configure(EntityTypeBuilder<PolicyAuditEntry> builder)
    {
        builder.ToTable("policy_audit");
        builder.HasKey(entry => entry.Id);
        builder.Property(entry => entry.Id).ValueGeneratedNever();
        builder.HasIndex(entry => entry.AccountId);
        builder.Property(entry => entry.Actor).HasMaxLength(100);
        builder.Property(entry => entry.Action).HasMaxLength(50);
        builder.Property(entry => entry.Target).HasMaxLength(200);
        builder.Property(entry => entry.Reason).HasMaxLength(500);
        builder.Property(entry => entry.Details).HasColumnType("jsonb");
    }
}

internal static class TermsColumn
{
    internal static void HasTerms(this PropertyBuilder<PolicyTerms> property) => property
        .HasColumnType("jsonb")
        .HasConversion(
            new ValueConverter<PolicyTerms, string>(terms => Write(terms), json => Read(json)),
            // Terms hold lists, which compare by identity; their text does not.
            new ValueComparer<PolicyTerms>((left, right) => Write(left!) == Write(right!), terms => Write(terms).GetHashCode(StringComparison.Ordinal), terms => terms));

    private static string Write(PolicyTerms terms) => JsonSerializer.Serialize(terms, PolicyJson.Options);

    private static PolicyTerms Read(string json) =>
        JsonSerializer.Deserialize<PolicyTerms>(json, PolicyJson.Options) ?? throw new JsonException("The terms of a policy are null.");
}
