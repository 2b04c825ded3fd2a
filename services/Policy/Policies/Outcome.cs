using System.Diagnostics.CodeAnalysis;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Policy.Policies;

/// <summary>Who changes something, and why.</summary>
/// <param name="Subject">The subject of the admin's token.</param>
/// <param name="Reason">Why, in the admin's words.</param>
public sealed record ChangeBy(string Subject, string Reason);

/// <summary>What became of a change.</summary>
/// <typeparam name="T">What was changed.</typeparam>
/// <param name="Value">What was changed, as it is now.</param>
/// <param name="Problem">Why nothing was changed.</param>
public sealed record Outcome<T>(T? Value, ProblemHttpResult? Problem)
    where T : class
{
    /// <summary>Whether it was changed.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool IsDone => Value is not null;

    /// <summary>It was changed.</summary>
    /// <param name="value">What it is now.</param>
    public static Outcome<T> Done(T value) => new(value, null);

    /// <summary>It was refused.</summary>
    /// <param name="problem">Why.</param>
    public static Outcome<T> Refused(ProblemHttpResult problem) => new(null, problem);

    /// <summary>It was refused.</summary>
    /// <param name="findings">What is wrong, by place.</param>
    public static Outcome<T> Refused(Findings findings) => new(null, ApiProblems.Invalid(findings.ToErrors()));
}
