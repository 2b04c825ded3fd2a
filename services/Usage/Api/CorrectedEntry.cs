using System.Globalization;
using BotGeneric.Contracts;
using BotGeneric.Usage.Corrections;
using BotGeneric.Usage.Domain;

namespace BotGeneric.Usage.Api;

/// <summary>A difference of money.</summary>
/// <param name="Amount">The exact amount as text, such as <c>-0.0125</c>.</param>
/// <param name="Currency">ISO 4217 code, such as <c>USD</c>.</param>
public sealed record CostDifference(string Amount, string Currency)
{
    private const decimal Limit = 1_000_000_000_000_000m;
    private const int MaximumScale = 12;

    internal decimal Value => decimal.Parse(Amount, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);

    internal bool IsValid =>
        Iso4217.IsCurrency(Currency)
        && Amount is { Length: > 0 and <= 30 }
        && decimal.TryParse(Amount, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
        && amount is > -Limit and < Limit
        && Amount.Length - (Amount.IndexOf('.', StringComparison.Ordinal) is >= 0 and var point ? point + 1 : Amount.Length) <= MaximumScale;

    internal static CostDifference? Of(decimal? cost, string? currency) =>
        cost is { } amount && currency is not null ? new CostDifference(amount.ToString(CultureInfo.InvariantCulture), currency) : null;
}

/// <summary>A correction as it stands in the ledger.</summary>
/// <param name="Id">The ledger's id of the correction.</param>
/// <param name="EntryId">The entry that it corrects.</param>
/// <param name="AccountId">Whose usage it is.</param>
/// <param name="Time">When what it corrects happened, UTC: sums of that time change.</param>
/// <param name="RecordedAt">When it was corrected, UTC.</param>
/// <param name="Reason">Why.</param>
/// <param name="Requests">Difference of requests.</param>
/// <param name="InputTokens">Difference of tokens of fresh input.</param>
/// <param name="CachedInputTokens">Difference of tokens of input from the provider's cache.</param>
/// <param name="CacheWriteTokens">Difference of tokens of input written to the provider's cache.</param>
/// <param name="OutputTokens">Difference of tokens of visible output.</param>
/// <param name="ReasoningTokens">Difference of tokens of reasoning.</param>
/// <param name="Cost">Difference of the cost; null when it did not change.</param>
/// <param name="Meters">Differences by meter, as decimal texts; null for a meter from which the event was taken back. Null as a whole for a call of a model.</param>
public sealed record CorrectedEntry(
    Guid Id,
    Guid EntryId,
    Guid AccountId,
    DateTimeOffset Time,
    DateTimeOffset RecordedAt,
    string Reason,
    long Requests,
    long InputTokens,
    long CachedInputTokens,
    long CacheWriteTokens,
    long OutputTokens,
    long ReasoningTokens,
    CostDifference? Cost,
    IReadOnlyDictionary<string, string?>? Meters)
{
    internal static CorrectedEntry Of(LedgerEntry entry) => new(
        entry.Id, entry.CorrectsEntryId!.Value, entry.AccountId, entry.Time, entry.RecordedAt, entry.Reason!, entry.Requests, entry.InputTokens, entry.CachedInputTokens,
        entry.CacheWriteTokens, entry.OutputTokens, entry.ReasoningTokens, CostDifference.Of(entry.Cost, entry.Currency),
        MeterCorrections.Read(entry.MeterDifferences));
}
