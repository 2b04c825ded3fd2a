namespace BotGeneric.Contracts.Identity.V1;

/// <summary>An organization exists. It is an account of its own: plans, limits and usage can be in its name.</summary>
public sealed record OrganizationCreated : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <inheritdoc />
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The organization, and the account in whose name its members act.</summary>
    public required Guid OrganizationId { get; init; }

    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>The person who created it and owns it.</summary>
    public required Guid OwnerId { get; init; }
}

/// <summary>
/// Somebody's part in an organization after a change: joined, another role, left. A snapshot: one of a higher <see cref="Revision"/> for the
/// same person and organization replaces this one.
/// </summary>
public sealed record MembershipChanged : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <inheritdoc />
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The organization.</summary>
    public required Guid OrganizationId { get; init; }

    /// <summary>The person.</summary>
    public required Guid UserId { get; init; }

    /// <summary>Grows with each change of this membership, also over leaving and joining again.</summary>
    public required long Revision { get; init; }

    /// <summary>One of <see cref="OrganizationRoles"/>; null when the person is no member any more.</summary>
    public string? Role { get; init; }
}

/// <summary>What members of an organization may do.</summary>
public static class OrganizationRoles
{
    /// <summary>Everything, and the only one who can hand the organization over or close it. Each organization has exactly one.</summary>
    public const string Owner = "owner";

    /// <summary>Invites and removes members, manages keys and settings.</summary>
    public const string Admin = "admin";

    /// <summary>Uses the product in the organization's name.</summary>
    public const string Member = "member";

    /// <summary>Sees and changes what the organization pays for, and nothing else.</summary>
    public const string Billing = "billing";

    /// <summary>Every role.</summary>
    public static IReadOnlyList<string> All { get; } = [Owner, Admin, Member, Billing];
}
