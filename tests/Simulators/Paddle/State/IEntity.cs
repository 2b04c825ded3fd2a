namespace BotGeneric.Simulators.Paddle.State;

/// <summary>Something that Paddle keeps and lists.</summary>
internal interface IEntity
{
    /// <summary>The id, <c>prefix_</c> and 26 characters.</summary>
    string Id { get; }

    /// <summary>When it was created.</summary>
    DateTimeOffset CreatedAt { get; }

    /// <summary>When it changed last.</summary>
    DateTimeOffset UpdatedAt { get; }
}
