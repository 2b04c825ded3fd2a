namespace BotGeneric.Identity.Domain;

/// <summary>What a link is for.</summary>
public enum LinkPurpose
{
    /// <summary>Finish a registration.</summary>
    Register,

    /// <summary>Choose a new password.</summary>
    ResetPassword,

    /// <summary>Move the account to a new address.</summary>
    ChangeEmail,
}

/// <summary>
/// A secret that was sent to somebody and works once. Only its hash is here. Opening the link (GET) shows a page and changes nothing,
/// because mail scanners open links too; the page's form (POST) uses it.
/// </summary>
public sealed class OneTimeLink
{
    private OneTimeLink()
    {
    }

    /// <summary>The link.</summary>
    public Guid Id { get; private init; }

    /// <summary>SHA-256 of the secret.</summary>
    public byte[] SecretHash { get; private init; } = [];

    /// <summary>What it is for.</summary>
    public LinkPurpose Purpose { get; private init; }

    /// <summary>Whose account; null for a registration.</summary>
    public Guid? UserId { get; private init; }

    /// <summary>The address that the link proves; null where it proves none.</summary>
    public string? Email { get; private init; }

    /// <summary>For a registration: the hash of the password that was chosen.</summary>
    public string? PasswordHash { get; private init; }

    /// <summary>For a registration: what the person wants to be called.</summary>
    public string? DisplayName { get; private init; }

    /// <summary>For a registration: SHA-256 of the secret in the cookie of the browser that began it.</summary>
    public byte[]? BrowserHash { get; private init; }

    /// <summary>The language of the pages it was asked for on.</summary>
    public string Language { get; private init; } = "en";

    /// <summary>Where to go afterwards; null: to the account's page.</summary>
    public string? ReturnUrl { get; private init; }

    /// <summary>When it was made, UTC.</summary>
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>Until when it works, UTC.</summary>
    public DateTimeOffset ExpiresAt { get; private init; }

    /// <summary>When it was used or taken back, UTC.</summary>
    public DateTimeOffset? ConsumedAt { get; private init; }

    /// <summary>A link to an account that exists.</summary>
    /// <param name="secretHash">SHA-256 of the secret.</param>
    /// <param name="purpose">What for.</param>
    /// <param name="userId">Whose account.</param>
    /// <param name="email">The address it proves, or null.</param>
    /// <param name="language">The language.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="lifetime">How long it works.</param>
    public static OneTimeLink ForUser(
        byte[] secretHash, LinkPurpose purpose, Guid userId, string? email, string language, DateTimeOffset now, TimeSpan lifetime) => new()
        {
            Id = Guid.CreateVersion7(now),
            SecretHash = secretHash,
            Purpose = purpose,
            UserId = userId,
            Email = email,
            Language = language,
            CreatedAt = now,
            ExpiresAt = now + lifetime,
        };

    /// <summary>A registration that waits for its address to be proved. There is no account until then, so nobody can sit on another's address.</summary>
    /// <param name="secretHash">SHA-256 of the secret.</param>
    /// <param name="email">The address.</param>
    /// <param name="passwordHash">The hash of the chosen password.</param>
    /// <param name="displayName">The name, or null.</param>
    /// <param name="browserHash">SHA-256 of the browser's secret.</param>
    /// <param name="language">The language.</param>
    /// <param name="returnUrl">Where to go afterwards, or null.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="lifetime">How long it works.</param>
    public static OneTimeLink ForRegistration(
        byte[] secretHash, string email, string passwordHash, string? displayName, byte[] browserHash, string language, string? returnUrl,
        DateTimeOffset now, TimeSpan lifetime) => new()
        {
            Id = Guid.CreateVersion7(now),
            SecretHash = secretHash,
            Purpose = LinkPurpose.Register,
            Email = email,
            PasswordHash = passwordHash,
            DisplayName = displayName,
            BrowserHash = browserHash,
            Language = language,
            ReturnUrl = returnUrl,
            CreatedAt = now,
            ExpiresAt = now + lifetime,
        };
}
