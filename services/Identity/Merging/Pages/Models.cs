namespace BotGeneric.Identity.Merging.Pages;

/// <summary>What <see cref="MergePage"/> shows.</summary>
/// <param name="Path">Where its forms go.</param>
/// <param name="Plan">What will happen.</param>
public sealed record MergeModel(string Path, MergePlan Plan);

/// <summary>What <see cref="MergeCodePage"/> shows.</summary>
/// <param name="Path">Where its forms go.</param>
/// <param name="Error">What was wrong with the code.</param>
public sealed record MergeCodeModel(string Path, string? Error);
