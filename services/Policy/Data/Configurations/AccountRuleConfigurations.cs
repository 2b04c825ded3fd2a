using BotGeneric.Policy.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BotGeneric.Policy.Data.Configurations;

internal sealed class LimitOverrideConfiguration : IEntityTypeConfiguration<LimitOverride>
{
    public void Configure(EntityTypeBuilder<LimitOverride> builder)
    {
        builder.ToTable("limit_overrides", table =>
        {
            table.HasCheckConstraint("ck_limit_overrides_maximum", "maximum >= 0");
            table.HasCheckConstraint("ck_limit_overrides_effective", "effective_to > effective_from");
        });
        builder.HasKey(row => row.Id);
        builder.Property(row => row.Id).ValueGeneratedNever();
        builder.HasIndex(row => row.AccountId).HasFilter("revoked_at IS NULL");
        builder.HasIndex(row => row.UserId).HasFilter("user_id IS NOT NULL");
        builder.Property(row => row.KeyId).HasMaxLength(50);
        builder.Property(row => row.LimitCode).HasMaxLength(110);
        builder.Property(row => row.Maximum).HasPrecision(38, 12);
        builder.Property(row => row.Reason).HasMaxLength(500);
        builder.Property(row => row.CreatedBy).HasMaxLength(100);
    }
}

internal sealed class CreditGrantConfiguration : IEntityTypeConfiguration<CreditGrant>
{
    public void Configure(EntityTypeBuilder<CreditGrant> builder)
    {
        builder.ToTable("grants", table =>
        {
            table.HasCheckConstraint("ck_grants_amount", "amount > 0");
            table.HasCheckConstraint("ck_grants_burned", "burned >= 0");
            table.HasCheckConstraint("ck_grants_effective", "expires_at > effective_from");
        });
        builder.HasKey(row => row.Id);
        builder.Property(row => row.Id).ValueGeneratedNever();
        builder.HasIndex(row => row.AccountId).HasFilter("revoked_at IS NULL");
        builder.HasIndex(row => new { row.AccountId, row.Source }).IsUnique();
        builder.Property(row => row.Unit).HasMaxLength(50);
        builder.Property(row => row.Amount).HasPrecision(38, 12);
        builder.Property(row => row.Burned).HasPrecision(38, 12).HasDefaultValue(0m);
        builder.Property(row => row.Reason).HasMaxLength(500);
        builder.Property(row => row.Source).HasMaxLength(100);
        builder.Property(row => row.CreatedBy).HasMaxLength(100);
    }
}

internal sealed class AccountStateConfiguration : IEntityTypeConfiguration<AccountState>
{
    public void Configure(EntityTypeBuilder<AccountState> builder)
    {
        builder.ToTable("account_states", table => table.HasCheckConstraint("ck_account_states_standing", "standing <> 'Active'"));
        builder.HasKey(row => new { row.AccountId, row.Standing });
        builder.Property(row => row.Standing).HasConversion<string>().HasMaxLength(20);
        builder.Property(row => row.Reason).HasMaxLength(500);
        builder.Property(row => row.SetBy).HasMaxLength(100);
    }
}

internal sealed class KnownOrganizationConfiguration : IEntityTypeConfiguration<KnownOrganization>
{
    public void Configure(EntityTypeBuilder<KnownOrganization> builder)
    {
        builder.ToTable("organizations");
        builder.HasKey(row => row.AccountId);
        builder.Property(row => row.AccountId).ValueGeneratedNever();
    }
}
