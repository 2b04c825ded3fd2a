namespace BotGeneric.Identity.Domain;

/// <summary>A key with which a program acts in a person's or an organization's name. The key itself is shown once and not kept.</summary>
public sealed class ApiKey
{
    private ApiKey()
    {
    }

    /// <summary>The key's number in lists and addresses.</summary>
    public Guid Id { get; private init; }

    /// <summary>The eight characters in the key by which it is looked up.</summary>
    public string KeyId { get; private init; } = string.Empty;

    /// <summary>SHA-256 of the whole key.</summary>
    public byte[] SecretHash { get; private init; } = [];

    /// <summary>Who created it, and for whom it acts inside the account.</summary>
    public Guid UserId { get; private set; }

    /// <summary>The organization in whose name it acts; null: in the person's own.</summary>
    public Guid? OrganizationId { get; private init; }

    /// <summary>What the person calls it; 1 to 100 characters.</summary>
    public string Name { get; private set; } = string.Empty;

    /// <summary>What it may do; each one of <see cref="Contracts.Identity.ApiScopes"/>.</summary>
    public string[] Scopes { get; private init; } = [];

    /// <summary>From where it may be used, as CIDR; empty: from anywhere.</summary>
    public string[] AllowedNetworks { get; private set; } = [];

    /// <summary>Its own limit of requests a minute; null: only those of the account.</summary>
    public int? RequestsPerMinute { get; private set; }

    /// <summary>When it was created, UTC.</summary>
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>Until when it works, UTC; null: until it is revoked.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>When it was revoked, UTC.</summary>
    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>When it was used last, UTC, to the minute; null: never.</summary>
    public DateTimeOffset? LastUsedAt { get; private set; }

    /// <summary>The key that this one takes the place of, if any.</summary>
    public Guid? RotatedFrom { get; private init; }

    /// <summary>A new key.</summary>
    /// <param name="keyId">Its eight characters.</param>
    /// <param name="secretHash">SHA-256 of the whole key.</param>
    /// <param name="userId">Who creates it.</param>
    /// <param name="organizationId">In whose name, or null.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="scopes">What it may do.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="expiresAt">Until when, UTC, or null.</param>
    public static ApiKey Create(
        string keyId, byte[] secretHash, Guid userId, Guid? organizationId, string name, IEnumerable<string> scopes, DateTimeOffset now,
        DateTimeOffset? expiresAt) => new()
        {
            Id = Guid.CreateVersion7(now),
            KeyId = keyId,
            SecretHash = secretHash,
            UserId = userId,
            OrganizationId = organizationId,
            Name = name,
            Scopes = [.. scopes.Distinct()],
            CreatedAt = now,
            ExpiresAt = expiresAt,
        };

    /// <summary>The key that takes the place of this one: same rights, same restrictions.</summary>
    /// <param name="keyId">Its eight characters.</param>
    /// <param name="secretHash">SHA-256 of the whole new key.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="overlap">How long this one goes on working beside it.</param>
    public ApiKey Rotate(string keyId, byte[] secretHash, DateTimeOffset now, TimeSpan overlap)
    {
        var successor = new ApiKey
        {
            Id = Guid.CreateVersion7(now),
            KeyId = keyId,
            SecretHash = secretHash,
            UserId = UserId,
            OrganizationId = OrganizationId,
            Name = Name,
            Scopes = Scopes,
            AllowedNetworks = AllowedNetworks,
            RequestsPerMinute = RequestsPerMinute,
            CreatedAt = now,
            ExpiresAt = ExpiresAt,
            RotatedFrom = Id,
        };
        var end = now + overlap;
        ExpiresAt = ExpiresAt < end ? ExpiresAt : end;
        return successor;
    }

    /// <summary>Is another account's of the same person from now on.</summary>
    /// <param name="userId">The account.</param>
    public void MoveTo(Guid userId) => UserId = userId;

    /// <summary>Whether it works at this time.</summary>
    /// <param name="now">The time, UTC.</param>
    public bool IsAlive(DateTimeOffset now) => RevokedAt is null && (ExpiresAt is null || now < ExpiresAt);

    /// <summary>Changes its name and restrictions. Its rights never change: somebody may have it already.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="allowedNetworks">From where, as CIDR; empty: from anywhere.</param>
    /// <param name="requestsPerMinute">Its limit, or null.</param>
    public void Restrict(string name, IEnumerable<string> allowedNetworks, int? requestsPerMinute)
    {
        Name = name;
        AllowedNetworks = [.. allowedNetworks.Distinct()];
        RequestsPerMinute = requestsPerMinute;
    }

    /// <summary>Revokes it; revoking it again keeps the first time.</summary>
    /// <param name="now">The time, UTC.</param>
    public void Revoke(DateTimeOffset now) => RevokedAt ??= now;
}
