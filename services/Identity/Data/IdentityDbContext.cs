using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Domain;
using BotGeneric.Messaging;
using BotGeneric.ServiceDefaults.Idempotency;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Data;

/// <summary>Identity's own database.</summary>
/// <param name="options">Where it is.</param>
public sealed class IdentityDbContext(DbContextOptions<IdentityDbContext> options)
    : IdentityUserContext<User, Guid>(options), IDataProtectionKeyContext
{
    /// <summary>Sign-ins of people on their devices.</summary>
    public DbSet<UserSession> Sessions => Set<UserSession>();

    /// <summary>Identities of people at other providers.</summary>
    public DbSet<ExternalIdentity> ExternalIdentities => Set<ExternalIdentity>();

    /// <summary>Attempts on their way through another provider.</summary>
    public DbSet<SignInAttempt> SignInAttempts => Set<SignInAttempt>();

    /// <summary>Proofs that were shown and must not be shown again.</summary>
    public DbSet<UsedProof> UsedProofs => Set<UsedProof>();

    /// <summary>Secrets that were sent to people and work once.</summary>
    public DbSet<OneTimeLink> OneTimeLinks => Set<OneTimeLink>();

    /// <summary>Ways from a page to a chat with the bot and back.</summary>
    public DbSet<ChatLink> ChatLinks => Set<ChatLink>();

    /// <summary>Offers to make one account of two.</summary>
    public DbSet<MergeIntent> MergeIntents => Set<MergeIntent>();

    /// <summary>Organizations.</summary>
    public DbSet<Organization> Organizations => Set<Organization>();

    /// <summary>Who is part of which organization.</summary>
    public DbSet<Membership> Memberships => Set<Membership>();

    /// <summary>Invitations to organizations.</summary>
    public DbSet<Invitation> Invitations => Set<Invitation>();

    /// <summary>Keys of programs.</summary>
    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    /// <summary>The audit log.</summary>
    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();

    /// <summary>Keys of the token server.</summary>
    public DbSet<SigningKey> SigningKeys => Set<SigningKey>();

    /// <summary>Deletions of people.</summary>
    public DbSet<Erasure> Erasures => Set<Erasure>();

    /// <summary>The services' answers to deletions.</summary>
    public DbSet<ErasureAcknowledgement> ErasureAcknowledgements => Set<ErasureAcknowledgement>();

    /// <inheritdoc />
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    /// <inheritdoc />
    protected override Version SchemaVersion => IdentitySchemaVersions.Version3;

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        base.OnModelCreating(builder);
        builder.UseOpenIddict<Guid>();
        builder.ApplyConfigurationsFromAssembly(typeof(IdentityDbContext).Assembly);
        builder.AddMessaging();
        builder.AddIdempotencyKeys();
    }
}
