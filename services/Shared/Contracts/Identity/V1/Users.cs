namespace BotGeneric.Contracts.Identity.V1;

/// <summary>A person has an account. The account may have no e-mail address: somebody who came through Telegram has none.</summary>
public sealed record UserRegistered : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <inheritdoc />
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The person; also the account in whose name the person acts outside every organization.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The address, once it is verified; null without one.</summary>
    public string? Email { get; init; }

    /// <summary>What the person wants to be called; null until it is known.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The language of pages and messages: <c>en</c>, <c>ru</c> or <c>uk</c>.</summary>
    public required string Language { get; init; }
}

/// <summary>A person's account as it is after a change. A snapshot: one of a higher <see cref="Revision"/> replaces this one.</summary>
public sealed record UserUpdated : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <inheritdoc />
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The person.</summary>
    public required Guid UserId { get; init; }

    /// <summary>Grows with each change of the person; the guard against reordering.</summary>
    public required long Revision { get; init; }

    /// <summary>The verified address; null without one.</summary>
    public string? Email { get; init; }

    /// <summary>What the person wants to be called; null until it is known.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The language of pages and messages: <c>en</c>, <c>ru</c> or <c>uk</c>.</summary>
    public required string Language { get; init; }

    /// <summary>An IANA time zone, such as <c>Europe/Kyiv</c>.</summary>
    public required string TimeZone { get; init; }

    /// <summary>One of <see cref="UserStates"/>.</summary>
    public required string State { get; init; }
}

/// <summary>
/// The days of grace after a request for deletion are over: every service erases what it holds of this person and answers with
/// <see cref="Privacy.V1.UserErased"/>. What the law makes it keep, it keeps without a name.
/// </summary>
public sealed record UserDeleted : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <inheritdoc />
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The person.</summary>
    public required Guid UserId { get; init; }
}

/// <summary>The states of an account on the wire.</summary>
public static class UserStates
{
    /// <summary>May sign in.</summary>
    public const string Active = "active";

    /// <summary>Locked by an admin: no credential of the person works.</summary>
    public const string Locked = "locked";

    /// <summary>Deletion was asked for; signing in within the days of grace calls it off.</summary>
    public const string Deleting = "deleting";

    /// <summary>Erased.</summary>
    public const string Deleted = "deleted";

    /// <summary>Became part of another account of the same person, see <see cref="AccountsMerged"/>.</summary>
    public const string Merged = "merged";
}
