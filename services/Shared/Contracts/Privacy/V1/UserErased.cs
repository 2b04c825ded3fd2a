namespace BotGeneric.Contracts.Privacy.V1;

/// <summary>A service has erased what it held of a person, in answer to <see cref="Identity.V1.UserDeleted"/>.</summary>
public sealed record UserErased : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <inheritdoc />
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The person.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The service, such as <c>billing</c>.</summary>
    public required string Service { get; init; }
}
