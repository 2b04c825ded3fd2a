using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Billing.Api;

/// <summary>Why something is done.</summary>
/// <param name="Reason">For whoever reads it later, 1 to 500 characters. Without personal data: it stays.</param>
public sealed record ReasonRequest(string Reason);

/// <summary>Checks reasons.</summary>
internal static class Reasons
{
    private const int MaximumLength = 500;

    /// <summary>What is wrong with a reason.</summary>
    /// <param name="reason">The reason.</param>
    /// <returns>The problem to answer with; null when all is well.</returns>
    internal static ProblemHttpResult? Refuse(string? reason) => Check(reason) is { } error ? ApiProblems.Invalid("reason", error) : null;

    /// <summary>The same as a sentence.</summary>
    /// <param name="reason">The reason.</param>
    internal static string? Check(string? reason) =>
        string.IsNullOrWhiteSpace(reason) || reason.Length > MaximumLength || reason.Contains('\0', StringComparison.Ordinal)
            ? $"Say why, in 1 to {MaximumLength} characters."
            : null;
}
