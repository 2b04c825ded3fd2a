using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Domain;

namespace BotGeneric.Policy.Policies;

/// <summary>What a limit counts, apart from how much is allowed and whose it is.</summary>
public readonly record struct Counted(LimitKind Kind, string Unit, Pattern Feature, Pattern Model, Pattern Channel, LimitWindowKind Window, TimeSpan Length);

/// <summary>A limit of a policy, read: numbers and patterns instead of texts.</summary>
public sealed record ReadLimit(string Code, Counted Counted, long Maximum, FailureMode OnFailure, long AllowWhileDown)
{
    /// <summary>Whether another limit says the same of the same, whatever its name.</summary>
    /// <param name="other">The other limit.</param>
    public bool SaysTheSameAs(ReadLimit other) => this with { Code = string.Empty } == other with { Code = string.Empty };
}

/// <summary>An access rule of a policy, read.</summary>
public sealed record ReadRule(Pattern Feature, Pattern Model, Pattern Channel, bool IsAllowed)
{
    /// <summary>Whether another rule is about exactly the same.</summary>
    /// <param name="other">The other rule.</param>
    public bool IsAboutTheSameAs(ReadRule other) => Feature == other.Feature && Model == other.Model && Channel == other.Channel;
}

/// <summary>A policy as the compiler reads it.</summary>
public sealed class ReadPolicy
{
    /// <summary>The policy's stable name.</summary>
    public required string Code { get; init; }

    /// <summary>Its version.</summary>
    public required int Version { get; init; }

    /// <summary>Its terms.</summary>
    public required PolicyTerms Terms { get; init; }

    /// <summary>Its limits.</summary>
    public required IReadOnlyList<ReadLimit> Limits { get; init; }

    /// <summary>Its access rules, in their order.</summary>
    public required IReadOnlyList<ReadRule> Rules { get; init; }

    /// <summary>Whether it is only evaluated.</summary>
    public bool IsShadow => Terms.Mode == PolicyMode.Shadow;

    /// <summary>Whether it is in force at a moment.</summary>
    /// <param name="at">The moment.</param>
    public bool IsEffective(DateTimeOffset at) =>
        (Terms.EffectiveFrom is not { } from || at >= from) && (Terms.EffectiveTo is not { } to || at < to);

    /// <summary>Whether there is a moment and a caller that both policies are about.</summary>
    /// <param name="other">Another policy.</param>
    public bool Meets(ReadPolicy other) =>
        Terms.Scope == other.Terms.Scope
        && IsBefore(Terms.EffectiveFrom, other.Terms.EffectiveTo) && IsBefore(other.Terms.EffectiveFrom, Terms.EffectiveTo)
        && Overlap(Terms.Selector?.Plans, other.Terms.Selector?.Plans)
        && Overlap(Terms.Selector?.Accounts, other.Terms.Selector?.Accounts)
        && Overlap(Terms.Selector?.Users, other.Terms.Selector?.Users)
        && Overlap(Terms.Selector?.Keys, other.Terms.Selector?.Keys);

    private static bool IsBefore(DateTimeOffset? from, DateTimeOffset? to) => from is null || to is null || from < to;

    private static bool Overlap<T>(IReadOnlyList<T>? mine, IReadOnlyList<T>? theirs) =>
        mine is not { Count: > 0 } || theirs is not { Count: > 0 } || mine.Intersect(theirs).Any();
}
