namespace BotGeneric.Telegram.Domain;

/// <summary>A bot that people write to. Its token is a secret of the installation and is not kept here.</summary>
public sealed class Bot
{
    private Bot(Guid id, string username, DateTimeOffset createdAt)
    {
        Id = id;
        Username = username;
        CreatedAt = createdAt;
    }

    /// <summary>Its id, a UUIDv7.</summary>
    public Guid Id { get; private set; }

    /// <summary>Its name on Telegram without the @; unique there and here.</summary>
    public string Username { get; private set; }

    /// <summary>When it was added, UTC.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Adds a bot.</summary>
    /// <param name="username">Its name on Telegram, with or without the @.</param>
    /// <param name="now">The current time.</param>
    /// <returns>The bot.</returns>
    public static Bot Create(string username, DateTimeOffset now)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(username);
        return new Bot(Guid.CreateVersion7(now), username.Trim().TrimStart('@'), now);
    }
}
