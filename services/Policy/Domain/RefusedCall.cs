using BotGeneric.Policy.Decisions;

namespace BotGeneric.Policy.Domain;

/// <summary>A call that was refused, and where every limit stood: the answer to "why was this refused?". A few of each account and minute are kept.</summary>
public sealed class RefusedCall
{
    /// <summary>UUIDv7 of the decision's time.</summary>
    public required Guid Id { get; init; }

    /// <summary>The account.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The person, when known.</summary>
    public Guid? UserId { get; init; }

    /// <summary>The API key, when known.</summary>
    public string? ApiKeyId { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What for.</summary>
    public required string Feature { get; init; }

    /// <summary>The model, when known.</summary>
    public string? Model { get; init; }

    /// <summary>The door, when known.</summary>
    public string? Channel { get; init; }

    /// <summary>One of <see cref="Decisions.Texts.DecisionReasons"/>.</summary>
    public required string Reason { get; init; }

    /// <summary>Code of the limit, or of the policy whose access rule refused; null when the account as a whole was refused.</summary>
    public string? Limit { get; init; }

    /// <summary>The trace of the request.</summary>
    public string? TraceId { get; init; }

    /// <summary>Where every limit stood.</summary>
    public required IReadOnlyList<RefusedCallLimit> Limits { get; init; }
}

/// <summary>Where a limit stood.</summary>
/// <param name="Code">The limit's code.</param>
/// <param name="Policy">The policy's code.</param>
/// <param name="Unit">The meter's code or the currency.</param>
/// <param name="Limit">What was allowed.</param>
/// <param name="Used">What was used.</param>
/// <param name="Held">What calls that ran had reserved.</param>
/// <param name="Refused">Whether it had no room.</param>
/// <param name="Shadow">Whether it is watched only.</param>
public sealed record RefusedCallLimit(string Code, string Policy, string Unit, decimal Limit, decimal Used, decimal Held, bool Refused, bool Shadow)
{
    internal static RefusedCallLimit Of(LimitOutcome outcome) => new(
        outcome.Limit.Code, outcome.Limit.Policy, outcome.Limit.Unit, Units.Show(outcome.Limit.Unit, outcome.Limit.Maximum),
        Units.Show(outcome.Limit.Unit, outcome.Used), Units.Show(outcome.Limit.Unit, outcome.Held), outcome.Refuses, outcome.Limit.IsShadow);
}
