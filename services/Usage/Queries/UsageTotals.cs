using BotGeneric.Usage.Prices;

namespace BotGeneric.Usage.Queries;

/// <summary>An amount of money.</summary>
/// <param name="Amount">The exact amount as a decimal text.</param>
/// <param name="Currency">ISO 4217 code.</param>
public sealed record Money(string Amount, string Currency);

/// <summary>What calls used and cost together. The token pools are exclusive.</summary>
/// <param name="Requests">Calls.</param>
/// <param name="InputTokens">Tokens of fresh input.</param>
/// <param name="CachedInputTokens">Tokens of input from the provider's cache.</param>
/// <param name="CacheWriteTokens">Tokens of input written to the provider's cache.</param>
/// <param name="OutputTokens">Tokens of visible output.</param>
/// <param name="ReasoningTokens">Tokens of reasoning.</param>
/// <param name="Cost">The cost in each currency; null while the price of any of the calls is unknown.</param>
/// <param name="PricedCost">The cost of those calls whose price is known.</param>
/// <param name="UnpricedCalls">Calls whose price is unknown.</param>
public sealed record UsageTotals(
    long Requests,
    long InputTokens,
    long CachedInputTokens,
    long CacheWriteTokens,
    long OutputTokens,
    long ReasoningTokens,
    IReadOnlyList<Money>? Cost,
    IReadOnlyList<Money> PricedCost,
    long UnpricedCalls)
{
    internal static UsageTotals Of(IEnumerable<CellSum> sums)
    {
        long requests = 0, input = 0, cached = 0, written = 0, output = 0, reasoning = 0, unpriced = 0;
        var cost = new SortedDictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var sum in sums)
        {
            requests += sum.Requests;
            input += sum.InputTokens;
            cached += sum.CachedInputTokens;
            written += sum.CacheWriteTokens;
            output += sum.OutputTokens;
            reasoning += sum.ReasoningTokens;
            unpriced += sum.Unpriced;
            if (sum.Currency is { } currency)
            {
                cost[currency] = cost.GetValueOrDefault(currency) + sum.Cost;
            }
        }

        List<Money> priced = [.. cost.Select(entry => new Money(DecimalText.Write(entry.Value), entry.Key))];
        return new UsageTotals(requests, input, cached, written, output, reasoning, unpriced == 0 ? priced : null, priced, unpriced);
    }
}

/// <summary>The sums of calls that have period, group and currency in common.</summary>
/// <param name="Period">The number of the period, from 0.</param>
/// <param name="Group">The values of the dimensions that were grouped by, in their order.</param>
/// <param name="Currency">The currency of <paramref name="Cost"/>; null for calls without a cost.</param>
/// <param name="Requests">Calls.</param>
/// <param name="InputTokens">Fresh input.</param>
/// <param name="CachedInputTokens">Cached input.</param>
/// <param name="CacheWriteTokens">Cache writes.</param>
/// <param name="OutputTokens">Visible output.</param>
/// <param name="ReasoningTokens">Reasoning.</param>
/// <param name="Cost">Money.</param>
/// <param name="Entries">Entries of the ledger.</param>
/// <param name="Unpriced">Calls without a price.</param>
internal sealed record CellSum(
    int Period, IReadOnlyList<string?> Group, string? Currency, long Requests, long InputTokens, long CachedInputTokens, long CacheWriteTokens,
    long OutputTokens, long ReasoningTokens, decimal Cost, long Entries, long Unpriced);
