namespace BotGeneric.Policy.Domain;

/// <summary>Who changed what about limits, when and why. Written once; only what was said may be forgotten, with the person it was said of.</summary>
public sealed class PolicyAuditEntry
{
    /// <summary>The entry.</summary>
    public required Guid Id { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who: the subject of the admin's token.</summary>
    public required string Actor { get; init; }

    /// <summary>What was done, such as <c>policy.updated</c> or <c>grant.created</c>.</summary>
    public required string Action { get; init; }

    /// <summary>To what: a policy's code, the id of an override or a grant, a standing.</summary>
    public required string Target { get; init; }

    /// <summary>The account that it is about; null for what is about many.</summary>
    public Guid? AccountId { get; init; }

    /// <summary>Why; null once it is forgotten.</summary>
    public string? Reason { get; init; }

    /// <summary>What it was changed to, as JSON; null once it is forgotten.</summary>
    public string? Details { get; init; }
}
