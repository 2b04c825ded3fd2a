using System.Text.Json;
using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Policy.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace BotGeneric.Policy.Data.Configurations;

internal sealed class PlanGrantConfiguration : IEntityTypeConfiguration<PlanGrant>
{
    public void Configure(EntityTypeBuilder<PlanGrant> builder)
    {
        builder.ToTable("plan_grants");
        builder.HasKey(grant => grant.SubscriptionId);
        builder.Property(grant => grant.SubscriptionId).ValueGeneratedNever();
        builder.HasIndex(grant => grant.AccountId);
        builder.Property(grant => grant.PlanCode).HasMaxLength(50);
        builder.Property(grant => grant.Status).HasMaxLength(20);
        builder.Property(grant => grant.Entitlements)
            .HasColumnType("jsonb")
            .HasConversion(
                new ValueConverter<IReadOnlyList<Entitlement>, string>(
                    entitlements => JsonSerializer.Serialize(entitlements, JsonSerializerOptions.Web),
                    json => JsonSerializer.Deserialize<Entitlement[]>(json, JsonSerializerOptions.Web) ?? Array.Empty<Entitlement>()),
                new ValueComparer<IReadOnlyList<Entitlement>>(
                    (left, right) => left!.SequenceEqual(right!),
                    entitlements => entitlements.Aggregate(0, (hash, entitlement) => HashCode.Combine(hash, entitlement)),
                    entitlements => entitlements.ToArray()));
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
