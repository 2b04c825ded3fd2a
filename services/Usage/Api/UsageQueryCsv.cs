using System.Globalization;
using BotGeneric.Usage.Queries;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Usage.Api;

/// <summary>The answer to a query as CSV: one line for each cell, and one more for each further currency.</summary>
internal static class UsageQueryCsv
{
    public static PushStreamHttpResult Of(UsageQueryPlan plan, UsageQueryResult answer, CancellationToken cancellationToken)
    {
        List<string> values = plan.Meter?.Code is { } code ? [code] : plan.BuiltIn is { } meter ? [meter] : [.. plan.Measures.Where(UsageQueryPlan.MeasureNames.ContainsKey)];
        var hasCost = plan.Measures.Contains(UsageQueryPlan.Cost);
        List<string> columns = ["from", "to", .. plan.Cells.GroupBy, .. values, .. hasCost ? new[] { "pricedCost", "currency", "unpricedCalls" } : []];
        return Exports.Stream(ExportFormat.Csv, "usage", columns, Lines(plan, answer, values, hasCost), line => line, cancellationToken);
    }

    private static async IAsyncEnumerable<object?[]> Lines(UsageQueryPlan plan, UsageQueryResult answer, List<string> values, bool hasCost)
    {
        foreach (var cell in answer.Data)
        {
            object?[] line = [cell.From, cell.To, .. plan.Cells.GroupBy.Select(name => cell.Group[name]), .. values.Select(name => Number(cell.Values[name]))];
            if (!hasCost)
            {
                yield return line;
                continue;
            }

            var first = cell.PricedCost is [var earliest, ..] ? earliest : null;
            yield return [.. line, Number(first?.Amount), first?.Currency, cell.UnpricedCalls];
            foreach (var money in cell.PricedCost!.Skip(1))
            {
                // Only the money: the other numbers would be counted twice by whoever adds the column up.
                yield return [cell.From, cell.To, .. plan.Cells.GroupBy.Select(name => cell.Group[name]), .. values.Select(_ => (object?)null), Number(money.Amount), money.Currency, null];
            }
        }

        await Task.CompletedTask;
    }

    private static object? Number(string? text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : text;
}
