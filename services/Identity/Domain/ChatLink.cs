namespace BotGeneric.Identity.Domain;

/// <summary>
/// The way from a page to a chat with the bot and back. The page makes a secret; the bot's user brings it, and the bot says who that is; the page shows
/// who it is, and only there, in the session that made it, the link is agreed to. So neither somebody who got hold of the secret nor somebody who
/// planted it on another links anything alone.
/// </summary>
public sealed class ChatLink
{
    private ChatLink()
    {
    }

    /// <summary>The link.</summary>
    public Guid Id { get; private init; }

    /// <summary>SHA-256 of the secret.</summary>
    public byte[] SecretHash { get; private init; } = [];

    /// <summary>Whose account.</summary>
    public Guid UserId { get; private init; }

    /// <summary>The session that made it; the only one in which it is agreed to.</summary>
    public Guid SessionId { get; private init; }

    /// <summary>Until when it works, UTC.</summary>
    public DateTimeOffset ExpiresAt { get; private init; }

    /// <summary>The Telegram user who brought the secret, by the Bot API's id; null: nobody yet. The first one stays.</summary>
    public string? TelegramUserId { get; private init; }

    /// <summary>What Telegram calls that user.</summary>
    public string? TelegramName { get; private init; }

    /// <summary>That user's name on Telegram without the @.</summary>
    public string? TelegramUserName { get; private init; }

    /// <summary>When it was agreed to, declined or replaced by another one, UTC.</summary>
    public DateTimeOffset? ConsumedAt { get; private init; }

    /// <summary>A new link.</summary>
    /// <param name="secretHash">SHA-256 of the secret.</param>
    /// <param name="session">The session that makes it.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="lifetime">How long it works.</param>
    public static ChatLink Make(byte[] secretHash, UserSession session, DateTimeOffset now, TimeSpan lifetime)
    {
        ArgumentNullException.ThrowIfNull(session);
        return new ChatLink
        {
            Id = Guid.CreateVersion7(now),
            SecretHash = secretHash,
            UserId = session.UserId,
            SessionId = session.Id,
            ExpiresAt = now + lifetime,
        };
    }
}
