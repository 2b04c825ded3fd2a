namespace BotGeneric.Usage.Queries;

/// <summary>What an account used in a time.</summary>
/// <param name="From">The first moment, UTC.</param>
/// <param name="To">The first moment after, UTC.</param>
/// <param name="Totals">Everything.</param>
/// <param name="ByFeature">By feature, the most tokens first.</param>
/// <param name="ByModel">By provider and model, the most tokens first.</param>
/// <param name="Previous">The time of the same length before.</param>
public sealed record UsageSummary(
    DateTimeOffset From, DateTimeOffset To, UsageTotals Totals, IReadOnlyList<FeatureUsage> ByFeature, IReadOnlyList<ModelUsage> ByModel, PreviousUsage Previous);

/// <summary>What was used for a feature.</summary>
/// <param name="Feature">The feature.</param>
/// <param name="Totals">The numbers.</param>
public sealed record FeatureUsage(string Feature, UsageTotals Totals);

/// <summary>What was used of a model.</summary>
/// <param name="Provider">The provider; null when nobody said.</param>
/// <param name="Model">The model; null when nobody said.</param>
/// <param name="Totals">The numbers.</param>
public sealed record ModelUsage(string? Provider, string? Model, UsageTotals Totals);

/// <summary>What was used before, for comparison.</summary>
/// <param name="From">The first moment, UTC.</param>
/// <param name="To">The first moment after, UTC.</param>
/// <param name="Totals">Everything.</param>
public sealed record PreviousUsage(DateTimeOffset From, DateTimeOffset To, UsageTotals Totals);

/// <summary>Summarizes.</summary>
/// <param name="reader">Adds up.</param>
internal sealed class UsageSummaries(UsageReader reader)
{
    private const int MaximumGroups = 10_000;

    /// <summary>Summarizes.</summary>
    /// <param name="account">Whose usage.</param>
    /// <param name="from">The first moment.</param>
    /// <param name="to">The first moment after.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The summary; null when there are too many features and models.</returns>
    public async Task<UsageSummary?> OfAsync(Guid account, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var before = from - (to - from);
        var query = new CellQuery(account, [before, from], to, [Dimensions.Feature, Dimensions.Provider, Dimensions.Model], []);
        var sums = await reader.SumAsync(query, MaximumGroups, cancellationToken);
        if (sums.Count > MaximumGroups)
        {
            return null;
        }

        var present = sums.Where(sum => sum.Period == 1).ToList();
        return new UsageSummary(
            from,
            to,
            UsageTotals.Of(present),
            [.. present.GroupBy(sum => sum.Group[0]!).OrderByDescending(Tokens).Select(group => new FeatureUsage(group.Key, UsageTotals.Of(group)))],
            [.. present.GroupBy(sum => (sum.Group[1], sum.Group[2])).OrderByDescending(Tokens).Select(group => new ModelUsage(group.Key.Item1, group.Key.Item2, UsageTotals.Of(group)))],
            new PreviousUsage(before, from, UsageTotals.Of(sums.Where(sum => sum.Period == 0))));
    }

    private static long Tokens(IEnumerable<CellSum> sums) =>
        sums.Sum(sum => sum.InputTokens + sum.CachedInputTokens + sum.CacheWriteTokens + sum.OutputTokens + sum.ReasoningTokens);
}
