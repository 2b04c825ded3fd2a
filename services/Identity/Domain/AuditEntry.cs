namespace BotGeneric.Identity.Domain;

/// <summary>
/// Something that somebody did and that must not be denied later. Rows are added and never changed; the database numbers them and chains each to
/// the one before by a hash, so that a missing or altered row shows. Holds no e-mail address and no name: people are ids here.
/// </summary>
public sealed class AuditEntry
{
    /// <summary>Its place in the chain; given by the database.</summary>
    public long Sequence { get; private init; }

    /// <summary>When it happened, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What was done, such as <c>session.started</c>; see <c>AuditActions</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Whether it succeeded: <c>success</c>, or why it was refused.</summary>
    public required string Outcome { get; init; }

    /// <summary>Who did it; null: nobody who is known, or the system itself.</summary>
    public Guid? ActorId { get; init; }

    /// <summary>The admin behind the actor while impersonating.</summary>
    public Guid? ImpersonatorId { get; init; }

    /// <summary>The person it was done to.</summary>
    public Guid? UserId { get; init; }

    /// <summary>The organization it concerns.</summary>
    public Guid? OrganizationId { get; init; }

    /// <summary>What else it was done to, such as the id of a session, a key or a client.</summary>
    public string? Target { get; init; }

    /// <summary>More, as a flat JSON object; never personal data or secrets.</summary>
    public string? Details { get; init; }

    /// <summary>From where. Not part of the hash, so that it can be forgotten.</summary>
    public string? IpAddress { get; init; }

    /// <summary>With what browser. Not part of the hash, so that it can be forgotten.</summary>
    public string? UserAgent { get; init; }

    /// <summary>The trace it belongs to.</summary>
    public string? TraceId { get; init; }

    /// <summary>The hash of the entry before; 32 zero bytes for the first.</summary>
    public byte[] PreviousHash { get; private init; } = [];

    /// <summary>SHA-256 over the previous hash and this entry; given by the database.</summary>
    public byte[] Hash { get; private init; } = [];
}
