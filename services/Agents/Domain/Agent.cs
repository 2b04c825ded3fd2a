namespace BotGeneric.Agents.Domain;

/// <summary>Something that answers people with a language model.</summary>
public sealed class Agent
{
    private Agent(Guid id, string name, DateTimeOffset createdAt)
    {
        Id = id;
        Name = name;
        CreatedAt = createdAt;
    }

    /// <summary>Its id, a UUIDv7.</summary>
    public Guid Id { get; private set; }

    /// <summary>What people call it; unique.</summary>
    public string Name { get; private set; }

    /// <summary>When it was made, UTC.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Makes an agent.</summary>
    /// <param name="name">What people call it.</param>
    /// <param name="now">The current time.</param>
    /// <returns>The agent.</returns>
    public static Agent Create(string name, DateTimeOffset now)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return new Agent(Guid.CreateVersion7(now), name.Trim(), now);
    }
}
