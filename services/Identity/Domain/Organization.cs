namespace BotGeneric.Identity.Domain;

/// <summary>Several people who use the product as one account.</summary>
public sealed class Organization
{
    private Organization()
    {
    }

    /// <summary>The organization, and the account in whose name its members act.</summary>
    public Guid Id { get; private init; }

    /// <summary>What it is called; 1 to 100 characters.</summary>
    public string Name { get; private set; } = string.Empty;

    /// <summary>When it was created, UTC.</summary>
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>When it was closed, UTC.</summary>
    public DateTimeOffset? ClosedAt { get; private set; }

    /// <summary>A new organization.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="now">The time, UTC.</param>
    public static Organization Create(string name, DateTimeOffset now) => new() { Id = Guid.CreateVersion7(now), Name = name, CreatedAt = now };

    /// <summary>Calls it something else.</summary>
    /// <param name="name">What.</param>
    public void Rename(string name) => Name = name;

    /// <summary>Closes it; closing it again keeps the first time.</summary>
    /// <param name="now">The time, UTC.</param>
    public void Close(DateTimeOffset now) => ClosedAt ??= now;
}

/// <summary>
/// A person's part in an organization. The row stays when somebody leaves, so that <see cref="Revision"/> goes on from there should they come back.
/// </summary>
public sealed class Membership
{
    private Membership()
    {
    }

    /// <summary>The organization.</summary>
    public Guid OrganizationId { get; private init; }

    /// <summary>The person.</summary>
    public Guid UserId { get; private init; }

    /// <summary>One of <see cref="Contracts.Identity.V1.OrganizationRoles"/>; null: no member any more.</summary>
    public string? Role { get; private set; }

    /// <summary>When the person joined, the last time, UTC.</summary>
    public DateTimeOffset JoinedAt { get; private set; }

    /// <summary>Grows with each change.</summary>
    public long Revision { get; private set; }

    /// <summary>A new member.</summary>
    /// <param name="organizationId">The organization.</param>
    /// <param name="userId">The person.</param>
    /// <param name="role">The role.</param>
    /// <param name="now">The time, UTC.</param>
    public static Membership Join(Guid organizationId, Guid userId, string role, DateTimeOffset now) =>
        new() { OrganizationId = organizationId, UserId = userId, Role = role, JoinedAt = now, Revision = 1 };

    /// <summary>Comes back after having left.</summary>
    /// <param name="role">The role.</param>
    /// <param name="now">The time, UTC.</param>
    public void Rejoin(string role, DateTimeOffset now)
    {
        JoinedAt = now;
        ChangeRole(role);
    }

    /// <summary>Gives another role; giving the same one changes nothing.</summary>
    /// <param name="role">The role.</param>
    /// <returns>Whether it changed.</returns>
    public bool ChangeRole(string role)
    {
        if (Role == role)
        {
            return false;
        }

        Role = role;
        Revision++;
        return true;
    }

    /// <summary>Leaves, or is removed; leaving twice changes nothing.</summary>
    /// <returns>Whether it changed.</returns>
    public bool Leave()
    {
        if (Role is null)
        {
            return false;
        }

        Role = null;
        Revision++;
        return true;
    }
}

/// <summary>An invitation to an organization, sent to an address. It can be accepted by whoever opens the link and is signed in with that address verified.</summary>
public sealed class Invitation
{
    private Invitation()
    {
    }

    /// <summary>The invitation.</summary>
    public Guid Id { get; private init; }

    /// <summary>The organization.</summary>
    public Guid OrganizationId { get; private init; }

    /// <summary>The address, as it was typed.</summary>
    public string Email { get; private set; } = string.Empty;

    /// <summary>The address in the form in which addresses are compared.</summary>
    public string NormalizedEmail { get; private set; } = string.Empty;

    /// <summary>The role that comes with it.</summary>
    public string Role { get; private init; } = string.Empty;

    /// <summary>Who invited.</summary>
    public Guid InvitedBy { get; private init; }

    /// <summary>SHA-256 of the secret in the link.</summary>
    public byte[] SecretHash { get; private set; } = [];

    /// <summary>When it was made, UTC.</summary>
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>Until when it can be accepted, UTC.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>When it was accepted, UTC.</summary>
    public DateTimeOffset? AcceptedAt { get; private set; }

    /// <summary>When it was taken back or declined, UTC.</summary>
    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>A new invitation.</summary>
    /// <param name="organizationId">The organization.</param>
    /// <param name="email">The address.</param>
    /// <param name="normalizedEmail">The address, normalized.</param>
    /// <param name="role">The role.</param>
    /// <param name="invitedBy">Who invites.</param>
    /// <param name="secretHash">SHA-256 of the secret.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="lifetime">How long it can be accepted.</param>
    public static Invitation Create(
        Guid organizationId, string email, string normalizedEmail, string role, Guid invitedBy, byte[] secretHash, DateTimeOffset now, TimeSpan lifetime) => new()
        {
            Id = Guid.CreateVersion7(now),
            OrganizationId = organizationId,
            Email = email,
            NormalizedEmail = normalizedEmail,
            Role = role,
            InvitedBy = invitedBy,
            SecretHash = secretHash,
            CreatedAt = now,
            ExpiresAt = now + lifetime,
        };

    /// <summary>Whether it can still be accepted.</summary>
    /// <param name="now">The time, UTC.</param>
    public bool IsOpen(DateTimeOffset now) => AcceptedAt is null && RevokedAt is null && now < ExpiresAt;

    /// <summary>Is sent once more, with a new link; the old one stops working.</summary>
    /// <param name="secretHash">SHA-256 of the new secret.</param>
    /// <param name="expiresAt">Until when, UTC.</param>
    public void Renew(byte[] secretHash, DateTimeOffset expiresAt)
    {
        SecretHash = secretHash;
        ExpiresAt = expiresAt;
    }

    /// <summary>Is for another address of the same person. The link stays as it was sent.</summary>
    /// <param name="email">The address.</param>
    /// <param name="normalizedEmail">The address, normalized.</param>
    public void Readdress(string email, string normalizedEmail) => (Email, NormalizedEmail) = (email, normalizedEmail);

    /// <summary>Is accepted; accepting twice keeps the first time.</summary>
    /// <param name="now">The time, UTC.</param>
    public void Accept(DateTimeOffset now) => AcceptedAt ??= now;

    /// <summary>Is taken back; taking it back twice keeps the first time.</summary>
    /// <param name="now">The time, UTC.</param>
    public void Revoke(DateTimeOffset now) => RevokedAt ??= now;
}
