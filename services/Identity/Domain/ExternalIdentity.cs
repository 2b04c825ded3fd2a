namespace BotGeneric.Identity.Domain;

/// <summary>
/// An identity of a person at another provider. It is found by the provider and the provider's subject, never by an e-mail address. Telegram
/// knows a person by two ids: <see cref="Subject"/> in its OpenID sign-in and <see cref="ProviderUserId"/> in everything of the Bot API
/// (Mini Apps, the widget, chats). Whichever proof comes first fills in what it knows, the other completes it.
/// </summary>
public sealed class ExternalIdentity
{
    private ExternalIdentity()
    {
    }

    /// <summary>The link.</summary>
    public Guid Id { get; private init; }

    /// <summary>The person here.</summary>
    public Guid UserId { get; private set; }

    /// <summary>One of <see cref="Contracts.Identity.V1.IdentityProviders"/>.</summary>
    public string Provider { get; private init; } = string.Empty;

    /// <summary>The subject of the provider's id tokens; null while only the other id is known.</summary>
    public string? Subject { get; private set; }

    /// <summary>The id in the provider's own API, where that is another one; null otherwise.</summary>
    public string? ProviderUserId { get; private set; }

    /// <summary>The address the provider named last; for people to recognise the link by, never to find it.</summary>
    public string? Email { get; private set; }

    /// <summary>Whether the provider said that it verified the address.</summary>
    public bool EmailVerified { get; private set; }

    /// <summary>The name the provider gave. Apple gives it once only.</summary>
    public string? DisplayName { get; private set; }

    /// <summary>When it was linked, UTC.</summary>
    public DateTimeOffset LinkedAt { get; private init; }

    /// <summary>When it was used last, UTC.</summary>
    public DateTimeOffset LastUsedAt { get; private set; }

    /// <summary>A new link.</summary>
    /// <param name="userId">The person here.</param>
    /// <param name="provider">The provider.</param>
    /// <param name="subject">The subject, or null.</param>
    /// <param name="providerUserId">The other id, or null.</param>
    /// <param name="now">The time, UTC.</param>
    /// <exception cref="ArgumentException">Neither id is there.</exception>
    public static ExternalIdentity Link(Guid userId, string provider, string? subject, string? providerUserId, DateTimeOffset now)
    {
        if (subject is null && providerUserId is null)
        {
            throw new ArgumentException("A link needs the provider's subject or its own id.", nameof(subject));
        }

        return new ExternalIdentity
        {
            Id = Guid.CreateVersion7(now),
            UserId = userId,
            Provider = provider,
            Subject = subject,
            ProviderUserId = providerUserId,
            LinkedAt = now,
            LastUsedAt = now,
        };
    }

    /// <summary>Is another account's of the same person from now on.</summary>
    /// <param name="userId">The account.</param>
    public void MoveTo(Guid userId) => UserId = userId;

    /// <summary>Notes a use, fills in an id that was not known before, and keeps what the provider said where it said something.</summary>
    /// <param name="subject">The subject, or null.</param>
    /// <param name="providerUserId">The other id, or null.</param>
    /// <param name="email">The address, or null when the provider said none.</param>
    /// <param name="emailVerified">Whether it is verified there.</param>
    /// <param name="displayName">The name, or null when the provider said none.</param>
    /// <param name="now">The time, UTC.</param>
    /// <exception cref="InvalidOperationException">An id is another one than the link's.</exception>
    public void Used(string? subject, string? providerUserId, string? email, bool emailVerified, string? displayName, DateTimeOffset now)
    {
        if ((subject is not null && Subject is not null && subject != Subject)
            || (providerUserId is not null && ProviderUserId is not null && providerUserId != ProviderUserId))
        {
            throw new InvalidOperationException("These are the ids of another identity.");
        }

        Subject ??= subject;
        ProviderUserId ??= providerUserId;
        if (email is not null)
        {
            Email = email;
            EmailVerified = emailVerified;
        }

        DisplayName = displayName ?? DisplayName;
        LastUsedAt = now;
    }
}
