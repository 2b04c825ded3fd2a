using BotGeneric.Policy.Compilation;

namespace BotGeneric.Policy.Decisions;

/// <summary>What is asked.</summary>
/// <param name="Subject">Who asks.</param>
/// <param name="Feature">What for.</param>
/// <param name="Model">The model, when known.</param>
/// <param name="Channel">The door, when known.</param>
/// <param name="Amounts">What the call will need; all zero: where the caller stands, and nothing is held.</param>
/// <param name="Lifetime">How long the hold lasts.</param>
public sealed record DecisionRequest(
    PolicySubject Subject, string Feature, string? Model, string? Channel, IReadOnlyList<UnitAmount> Amounts, TimeSpan Lifetime)
{
    /// <summary>
    /// Whether the operator's own asks: a service, or who runs the system. What others say of themselves counts in their own limits and not in the platform's, and what a
    /// service holds only services settle.
    /// </summary>
    public bool IsOfOperator { get; init; } = true;

    /// <summary>Whether nothing is to be held.</summary>
    public bool IsPeek { get; } = Amounts.All(amount => amount.Need == 0);
}

/// <summary>Why a limit has no room for a call.</summary>
public enum RefusalCause
{
    /// <summary>It has, or nobody could look.</summary>
    None,

    /// <summary>What there was is used.</summary>
    UsedUp,

    /// <summary>There would be room, were it not for what calls that run hold.</summary>
    Held,

    /// <summary>The call needs more than the limit and the credits that extend it are as a whole: waiting does not help.</summary>
    TooLarge,

    /// <summary>It is a limit of nothing, and no credits extend it: there is nothing smaller to ask for and nothing to wait for.</summary>
    Nothing,
}

/// <summary>Where one limit stands after the decision.</summary>
/// <param name="Limit">The limit.</param>
/// <param name="Used">Units used in its window, or 10⁻⁹ of the currency.</param>
/// <param name="Held">Units held by calls that run.</param>
/// <param name="ResetsAt">When there is room again or the window begins anew, UTC; null where it depends on calls that run.</param>
/// <param name="Refuses">Whether it has no room for the call.</param>
/// <param name="WindowStart">When its window began, UTC; null for a rate and for concurrency.</param>
public readonly record struct LimitOutcome(
    CompiledLimit Limit, long Used, long Held, DateTimeOffset? ResetsAt, bool Refuses, DateTimeOffset? WindowStart)
{
    /// <summary>Whether nobody could look: the counts say nothing then.</summary>
    public bool IsUncounted { get; init; }

    /// <summary>Units left, never negative.</summary>
    public long Remaining => Math.Max(0, Limit.Maximum - Used - Held);

    /// <summary>Why it has no room.</summary>
    public RefusalCause Cause { get; init; }

    /// <summary>When the last of the holds in the way ends, UTC; null where that is not known or none is.</summary>
    public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>When the call is possible, UTC; null where waiting does not help or it depends on calls that run.</summary>
    public DateTimeOffset? OpensAt => Cause switch
    {
        RefusalCause.UsedUp => ResetsAt,
        RefusalCause.Held => HeldUntil,
        _ => null,
    };

    /// <summary>Whether the limit is used up, and not only too small for the call or held by others.</summary>
    public bool IsUsedUp => Cause is RefusalCause.UsedUp or RefusalCause.Nothing;
}

/// <summary>The decision.</summary>
public sealed record Decision
{
    /// <summary>Whether the call may go on.</summary>
    public required bool IsAllowed { get; init; }

    /// <summary>One of <see cref="Texts.DecisionReasons"/>; null when allowed.</summary>
    public string? Reason { get; init; }

    /// <summary>The limit or the access rule's policy that refuses; null when allowed or when the account as a whole is refused.</summary>
    public LimitOutcome? RefusedBy { get; init; }

    /// <summary>What the call needs at least of the unit of the limit that refuses, in whole units or 10⁻⁹ of the currency; null when nothing was named.</summary>
    public long? Asked { get; init; }

    /// <summary>When an account that is refused as a whole is open again, UTC; null: not by itself.</summary>
    public DateTimeOffset? OpenAgainAt { get; init; }

    /// <summary>Code of the policy whose access rule refuses.</summary>
    public string? RefusedByPolicy { get; init; }

    /// <summary>The hold; null when nothing is held.</summary>
    public Guid? HoldId { get; init; }

    /// <summary>When the hold ends, UTC.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What may be used, by unit: as asked for, or less where the caller said that less is enough.</summary>
    public IReadOnlyList<UnitAmount> Granted { get; init; } = [];

    /// <summary>Every limit that applies, shadowed ones too.</summary>
    public IReadOnlyList<LimitOutcome> Limits { get; init; } = [];

    /// <summary>Whether the counters could not be reached and the limits' failure modes decided.</summary>
    public bool IsDegraded { get; init; }

    /// <summary>The time of the decision, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
