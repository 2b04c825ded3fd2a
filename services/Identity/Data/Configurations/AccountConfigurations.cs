using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BotGeneric.Identity.Data.Configurations;

internal sealed class OrganizationConfiguration : IEntityTypeConfiguration<Organization>
{
    public void Configure(EntityTypeBuilder<Organization> builder)
    {
        builder.ToTable("organizations");
        builder.Property(organization => organization.Id).ValueGeneratedNever();
        builder.Property(organization => organization.Name).HasMaxLength(100);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class MembershipConfiguration : IEntityTypeConfiguration<Membership>
{
    public void Configure(EntityTypeBuilder<Membership> builder)
    {
        builder.ToTable("memberships", table => table.HasCheckConstraint("ck_memberships_role", "role IN ('owner', 'admin', 'member', 'billing')"));
        builder.HasKey(membership => new { membership.OrganizationId, membership.UserId });
        builder.Property(membership => membership.Role).HasMaxLength(20);
        builder.HasIndex(membership => membership.UserId);
        // Exactly one owner: at most one stands here, at least one follows from the transitions (an owner cannot leave, only hand over).
        builder.HasIndex(membership => membership.OrganizationId).IsUnique().HasFilter("role = 'owner'").HasDatabaseName("ux_memberships_owner");
        builder.HasOne<Organization>().WithMany().HasForeignKey(membership => membership.OrganizationId);
        builder.HasOne<User>().WithMany().HasForeignKey(membership => membership.UserId);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class InvitationConfiguration : IEntityTypeConfiguration<Invitation>
{
    public void Configure(EntityTypeBuilder<Invitation> builder)
    {
        builder.ToTable("invitations");
        builder.Property(invitation => invitation.Id).ValueGeneratedNever();
        builder.Property(invitation => invitation.Email).HasMaxLength(256);
        builder.Property(invitation => invitation.NormalizedEmail).HasMaxLength(256);
        builder.Property(invitation => invitation.Role).HasMaxLength(20);
        builder.HasIndex(invitation => invitation.SecretHash).IsUnique();
        builder.HasIndex(invitation => new { invitation.OrganizationId, invitation.NormalizedEmail })
            .IsUnique()
            .HasFilter("accepted_at IS NULL AND revoked_at IS NULL");
        builder.HasIndex(invitation => invitation.NormalizedEmail);
        builder.HasOne<Organization>().WithMany().HasForeignKey(invitation => invitation.OrganizationId);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class ApiKeyConfiguration : IEntityTypeConfiguration<ApiKey>
{
    public void Configure(EntityTypeBuilder<ApiKey> builder)
    {
        builder.ToTable("api_keys", table => table.HasCheckConstraint("ck_api_keys_requests_per_minute", "requests_per_minute > 0"));
        builder.Property(key => key.Id).ValueGeneratedNever();
        builder.Property(key => key.KeyId).HasMaxLength(8);
        builder.Property(key => key.Name).HasMaxLength(100);
        builder.HasIndex(key => key.KeyId).IsUnique();
        builder.HasIndex(key => key.UserId);
        builder.HasIndex(key => key.OrganizationId);
        builder.HasOne<User>().WithMany().HasForeignKey(key => key.UserId);
        builder.HasOne<Organization>().WithMany().HasForeignKey(key => key.OrganizationId);
    }
}

internal sealed class ErasureConfiguration : IEntityTypeConfiguration<Erasure>
{
    public void Configure(EntityTypeBuilder<Erasure> builder)
    {
        builder.ToTable("erasures");
        builder.Property(erasure => erasure.Id).ValueGeneratedNever();
        builder.HasIndex(erasure => erasure.UserId).IsUnique().HasFilter("cancelled_at IS NULL");
        builder.HasIndex(erasure => erasure.DueAt).HasFilter("cancelled_at IS NULL AND started_at IS NULL");
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class ErasureAcknowledgementConfiguration : IEntityTypeConfiguration<ErasureAcknowledgement>
{
    public void Configure(EntityTypeBuilder<ErasureAcknowledgement> builder)
    {
        builder.ToTable("erasure_acknowledgements");
        builder.HasKey(acknowledgement => new { acknowledgement.UserId, acknowledgement.Service });
        builder.Property(acknowledgement => acknowledgement.Service).HasMaxLength(50);
        builder.Property(acknowledgement => acknowledgement.At);
    }
}

internal sealed class AuditEntryConfiguration : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> builder)
    {
        // The trigger writes what is sent; see AuditTrigger.
        builder.ToTable("audit_entries", table => table.HasTrigger("audit_entries_chain"));
        builder.HasKey(entry => entry.Sequence);
        builder.Property(entry => entry.Sequence).ValueGeneratedOnAdd().HasDefaultValueSql("0").HasSentinel(0L);
        builder.Property(entry => entry.Action).HasMaxLength(60);
        builder.Property(entry => entry.Outcome).HasMaxLength(60);
        builder.Property(entry => entry.Target).HasMaxLength(200);
        builder.Property(entry => entry.Details).HasColumnType("jsonb");
        builder.Property(entry => entry.IpAddress).HasMaxLength(45);
        builder.Property(entry => entry.UserAgent).HasMaxLength(UserSession.MaximumUserAgent);
        builder.Property(entry => entry.TraceId).HasMaxLength(32);
        builder.Property(entry => entry.PreviousHash).ValueGeneratedOnAdd().HasDefaultValueSql("''::bytea");
        builder.Property(entry => entry.Hash).ValueGeneratedOnAdd().HasDefaultValueSql("''::bytea");
        builder.HasIndex(entry => new { entry.UserId, entry.Sequence });
        builder.HasIndex(entry => new { entry.ActorId, entry.Sequence });
        builder.HasIndex(entry => new { entry.ImpersonatorId, entry.Sequence }).HasFilter("impersonator_id IS NOT NULL");
        builder.HasIndex(entry => new { entry.OrganizationId, entry.Sequence });
        builder.HasIndex(entry => new { entry.Action, entry.Sequence });
    }
}
