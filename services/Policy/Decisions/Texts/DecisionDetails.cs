using BotGeneric.Policy.Compilation;

namespace BotGeneric.Policy.Decisions.Texts;

/// <summary>What a sentence about a refusal speaks of. What is not known is left out of the sentence.</summary>
public readonly record struct DecisionDetails
{
    /// <summary>The moment of the decision, UTC; the time left is counted from it.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>When it is possible again, UTC: the reset of the limit, or the end of a ban.</summary>
    public DateTimeOffset? ResetsAt { get; init; }

    /// <summary>The limit that refuses.</summary>
    public CompiledLimit? Limit { get; init; }

    /// <summary>What is allowed in units of the limit's unit, or the currency's unit; the limit's own maximum when null.</summary>
    public decimal? Maximum { get; init; }

    /// <summary>What the call needs at least, in units of the limit's unit, or the currency's unit; null when it is not known.</summary>
    public decimal? Asked { get; init; }

    /// <summary>Whether a plan with a larger limit can be bought.</summary>
    public bool CanUpgrade { get; init; }

    /// <summary>What was asked for and is not open: a feature, a model or a channel.</summary>
    public string? Denied { get; init; }
}
