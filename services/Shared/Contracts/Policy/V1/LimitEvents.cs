namespace BotGeneric.Contracts.Policy.V1;

/// <summary>An account has used 50, 80 or 100 percent of a limit. Said once for each percentage in each window of the limit.</summary>
public sealed record LimitThresholdReached : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <inheritdoc />
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The account (a person or an organization).</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The person whose own limit it is; null for a limit of the whole account.</summary>
    public Guid? UserId { get; init; }

    /// <summary>The limit.</summary>
    public required LimitState Limit { get; init; }

    /// <summary>50, 80 or 100.</summary>
    public required int Percent { get; init; }
}

/// <summary>A call was refused because a limit is used up. Said once for each limit in each of its windows, however often one tries.</summary>
public sealed record LimitExceeded : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <inheritdoc />
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The account (a person or an organization).</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The person whose call was refused, when known.</summary>
    public Guid? UserId { get; init; }

    /// <summary>The limit.</summary>
    public required LimitState Limit { get; init; }

    /// <summary>The feature that was asked for.</summary>
    public required string Feature { get; init; }
}

/// <summary>A limit and how much of it is used.</summary>
/// <param name="Code">The limit's stable name.</param>
/// <param name="Scope"><c>platform</c>, <c>plan</c>, <c>organization</c>, <c>user</c> or <c>apiKey</c>.</param>
/// <param name="Kind"><c>quota</c> or <c>budget</c>.</param>
/// <param name="Unit">The meter's code, or the ISO 4217 code of a budget's currency.</param>
/// <param name="Limit">Units allowed in a window.</param>
/// <param name="Used">Units used in this window.</param>
/// <param name="WindowStart">When the window began, UTC.</param>
/// <param name="ResetsAt">When the next one begins, UTC.</param>
public sealed record LimitState(
    string Code, string Scope, string Kind, string Unit, decimal Limit, decimal Used, DateTimeOffset WindowStart, DateTimeOffset ResetsAt);

/// <summary>What accounts may do is not what it was. Whoever remembers limits forgets them.</summary>
public sealed record PolicyChanged : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <inheritdoc />
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The accounts that it is about; null: everybody.</summary>
    public IReadOnlyList<Guid>? AccountIds { get; init; }
}
