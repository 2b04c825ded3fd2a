namespace BotGeneric.Usage.Queries;

/// <summary>Answers queries.</summary>
/// <param name="calls">Adds up calls.</param>
/// <param name="meters">Adds up the operator's meters.</param>
internal sealed class UsageQueries(UsageReader calls, MeterReader meters)
{
    /// <summary>Cells of an answer at most.</summary>
    public const int MaximumCells = 10_000;

    // Each cell is read once for each currency and once more for calls without a price.
    private const int MaximumSums = 4 * MaximumCells;

    /// <summary>Answers a query.</summary>
    /// <param name="plan">The query.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The answer; null when it has more than <see cref="MaximumCells"/> cells.</returns>
    public async Task<UsageQueryResult?> AnswerAsync(UsageQueryPlan plan, CancellationToken cancellationToken)
    {
        var cells = plan.Meter is null ? await CallsAsync(plan, cancellationToken) : await MeterAsync(plan, cancellationToken);
        return cells is null ? null : new UsageQueryResult(plan.Cells.Starts[0], plan.Cells.To, plan.Granularity, plan.Zone.Id, cells);
    }

    private async Task<IReadOnlyList<UsageQueryCell>?> CallsAsync(UsageQueryPlan plan, CancellationToken cancellationToken)
    {
        var sums = await calls.SumAsync(plan.Cells, MaximumSums, cancellationToken);
        var cells = new List<UsageQueryCell>();
        // They come in order, the currencies of one cell one after the other.
        for (var position = 0; position < sums.Count;)
        {
            var first = sums[position];
            var end = position + 1;
            while (end < sums.Count && sums[end].Period == first.Period && sums[end].Group.SequenceEqual(first.Group))
            {
                end++;
            }

            cells.Add(Cell(plan, first, UsageTotals.Of(sums.Skip(position).Take(end - position))));
            position = end;
        }

        return sums.Count > MaximumSums || cells.Count > MaximumCells ? null : cells;
    }

    private async Task<IReadOnlyList<UsageQueryCell>?> MeterAsync(UsageQueryPlan plan, CancellationToken cancellationToken)
    {
        var sums = await meters.SumAsync(plan.Meter!, plan.Cells, MaximumCells, cancellationToken);
        return sums.Count > MaximumCells
            ? null
            : [.. sums.Select(sum => new UsageQueryCell(
                From(plan, sum.Period), To(plan, sum.Period), Group(plan, sum.Group), new Dictionary<string, string> { [plan.Meter!.Code] = sum.Value }, null, null, null))];
    }

    private static UsageQueryCell Cell(UsageQueryPlan plan, CellSum sum, UsageTotals totals)
    {
        var values = plan.BuiltIn is { } meter
            ? new Dictionary<string, string> { [meter] = Text(UsageQueryPlan.BuiltInMeters[meter](totals)) }
            : plan.Measures.Where(UsageQueryPlan.MeasureNames.ContainsKey).ToDictionary(name => name, name => Text(UsageQueryPlan.MeasureNames[name](totals)));
        var hasCost = plan.Measures.Contains(UsageQueryPlan.Cost);
        return new UsageQueryCell(
            From(plan, sum.Period), To(plan, sum.Period), Group(plan, sum.Group), values,
            hasCost ? totals.Cost : null, hasCost ? totals.PricedCost : null, hasCost ? totals.UnpricedCalls : null);
    }

    private static string Text(long value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static DateTimeOffset From(UsageQueryPlan plan, int period) => plan.Cells.Starts[period];

    private static DateTimeOffset To(UsageQueryPlan plan, int period) => period + 1 < plan.Cells.Starts.Count ? plan.Cells.Starts[period + 1] : plan.Cells.To;

    private static Dictionary<string, string?> Group(UsageQueryPlan plan, IReadOnlyList<string?> values) =>
        plan.Cells.GroupBy.Zip(values).ToDictionary(pair => pair.First, pair => pair.Second);
}
