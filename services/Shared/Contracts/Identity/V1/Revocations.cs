namespace BotGeneric.Contracts.Identity.V1;

/// <summary>A key does not work any more, or works on other terms. Whoever remembers what a key stands for forgets it.</summary>
public sealed record ApiKeyRevoked : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <inheritdoc />
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The person or organization whose key it was.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The eight characters by which a key is looked up, see <see cref="ApiKeyFormat"/>.</summary>
    public required string KeyId { get; init; }
}

/// <summary>Sign-ins of a person are over. Whoever holds a session or a token of them ends it.</summary>
public sealed record SessionsRevoked : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <inheritdoc />
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The person.</summary>
    public required Guid UserId { get; init; }

    /// <summary>
    /// The sessions (<c>sid</c> of their tokens); null for everything that was issued to the person up to <see cref="OccurredAt"/>,
    /// also without a session.
    /// </summary>
    public IReadOnlyList<Guid>? SessionIds { get; init; }
}

/// <summary>
/// The tokens of a session say something that is not so any more: in whose name the person acts. The session goes on. Whoever holds its
/// tokens exchanges them before they are used again.
/// </summary>
public sealed record SessionChanged : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <inheritdoc />
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The person.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The session: <c>sid</c> of its tokens.</summary>
    public required Guid SessionId { get; init; }
}
