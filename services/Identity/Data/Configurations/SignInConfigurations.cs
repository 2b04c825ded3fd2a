using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace BotGeneric.Identity.Data.Configurations;

internal sealed class UserSessionConfiguration : IEntityTypeConfiguration<UserSession>
{
    public void Configure(EntityTypeBuilder<UserSession> builder)
    {
        builder.ToTable("sessions", table => table.HasCheckConstraint(
            "ck_sessions_actor", "(actor_id IS NULL) = (actor_session_id IS NULL) AND actor_id IS DISTINCT FROM user_id"));
        builder.Property(session => session.Id).ValueGeneratedNever();
        builder.Property(session => session.IpAddress).HasMaxLength(45);
        builder.Property(session => session.UserAgent).HasMaxLength(UserSession.MaximumUserAgent);
        // As long as the token server lets the id of a client be.
        builder.Property(session => session.ClientId).HasMaxLength(100);
        builder.HasIndex(session => new { session.UserId, session.RevokedAt });
        builder.HasIndex(session => session.ExpiresAt);
        // However often a device comes for what was allowed: one session. No reference: authorizations are deleted when their tokens have gone.
        builder.HasIndex(session => session.AuthorizationId).IsUnique().HasFilter("authorization_id IS NOT NULL");
        builder.HasIndex(session => session.ClientId).HasFilter("client_id IS NOT NULL AND revoked_at IS NULL");
        // No reference: the admin's session may be deleted before, and only what is alive is looked for.
        builder.HasIndex(session => session.ActorSessionId).HasFilter("actor_session_id IS NOT NULL AND revoked_at IS NULL");
        builder.HasOne<User>().WithMany().HasForeignKey(session => session.UserId);
        builder.HasOne<User>().WithMany().HasForeignKey(session => session.ActorId);
    }
}

internal sealed class ExternalIdentityConfiguration : IEntityTypeConfiguration<ExternalIdentity>
{
    public void Configure(EntityTypeBuilder<ExternalIdentity> builder)
    {
        builder.ToTable("external_identities", table =>
            table.HasCheckConstraint("ck_external_identities_id", "subject IS NOT NULL OR provider_user_id IS NOT NULL"));
        builder.Property(identity => identity.Id).ValueGeneratedNever();
        builder.Property(identity => identity.Provider).HasMaxLength(20);
        builder.Property(identity => identity.Subject).HasMaxLength(255);
        builder.Property(identity => identity.ProviderUserId).HasMaxLength(100);
        builder.Property(identity => identity.Email).HasMaxLength(256);
        builder.Property(identity => identity.DisplayName).HasMaxLength(200);
        // NULLs do not collide, which is what is meant: an id that is not known is nobody's.
        builder.HasIndex(identity => new { identity.Provider, identity.Subject }).IsUnique();
        builder.HasIndex(identity => new { identity.Provider, identity.ProviderUserId }).IsUnique();
        // One of a kind for each person: two tabs that link two accounts of one provider at once end with one link.
        builder.HasIndex(identity => new { identity.UserId, identity.Provider }).IsUnique();
        builder.HasOne<User>().WithMany().HasForeignKey(identity => identity.UserId);
    }
}

internal sealed class SignInAttemptConfiguration : IEntityTypeConfiguration<SignInAttempt>
{
    public void Configure(EntityTypeBuilder<SignInAttempt> builder)
    {
        builder.ToTable("sign_in_attempts");
        builder.HasKey(attempt => attempt.StateHash);
        builder.Property(attempt => attempt.Provider).HasMaxLength(20);
        builder.Property(attempt => attempt.Purpose).HasConversion<string>().HasMaxLength(20);
        builder.Property(attempt => attempt.Nonce).HasMaxLength(100);
        builder.Property(attempt => attempt.CodeVerifier).HasMaxLength(128);
        builder.Property(attempt => attempt.ReturnUrl).HasMaxLength(2000);
        builder.HasIndex(attempt => attempt.ExpiresAt);
    }
}

internal sealed class UsedProofConfiguration : IEntityTypeConfiguration<UsedProof>
{
    public void Configure(EntityTypeBuilder<UsedProof> builder)
    {
        builder.ToTable("used_proofs");
        builder.HasKey(proof => proof.Hash);
        builder.Property(proof => proof.ExpiresAt);
        builder.HasIndex(proof => proof.ExpiresAt);
    }
}

internal sealed class OneTimeLinkConfiguration : IEntityTypeConfiguration<OneTimeLink>
{
    public void Configure(EntityTypeBuilder<OneTimeLink> builder)
    {
        builder.ToTable("one_time_links");
        builder.Property(link => link.Id).ValueGeneratedNever();
        builder.Property(link => link.Purpose).HasConversion<string>().HasMaxLength(20);
        builder.Property(link => link.Email).HasMaxLength(256);
        builder.Property(link => link.PasswordHash).HasMaxLength(200);
        builder.Property(link => link.DisplayName).HasMaxLength(100);
        builder.Property(link => link.Language).HasMaxLength(2);
        builder.Property(link => link.ReturnUrl).HasMaxLength(2000);
        builder.HasIndex(link => link.SecretHash).IsUnique();
        builder.HasIndex(link => new { link.UserId, link.Purpose });
        builder.HasIndex(link => link.ExpiresAt);
    }
}

internal sealed class SigningKeyConfiguration : IEntityTypeConfiguration<SigningKey>
{
    public void Configure(EntityTypeBuilder<SigningKey> builder)
    {
        builder.ToTable("signing_keys");
        builder.Property(key => key.Id).HasMaxLength(64).ValueGeneratedNever();
        builder.Property(key => key.Use).HasConversion<string>().HasMaxLength(20);
        builder.Property(key => key.Algorithm).HasMaxLength(20);
        builder.HasIndex(key => key.RemovedAt);
    }
}
