using System.Globalization;
using System.Text.Json;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Meters;
using BotGeneric.Usage.Prices;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Usage.Corrections;

/// <summary>By how much an event was wrong for the meters that measured it, or why that cannot be.</summary>
/// <param name="Json">As the ledger keeps it.</param>
/// <param name="Quantities">What the others are told: the differences of meters that add up or count; null when there is none.</param>
/// <param name="TakesBack">Whether the event is taken back from a meter that has no sums.</param>
/// <param name="Refusal">Why it cannot be; null when it can.</param>
internal sealed record MeterCorrection(string Json, IReadOnlyDictionary<string, decimal>? Quantities, bool TakesBack, string? Refusal)
{
    /// <summary>It cannot be.</summary>
    public static MeterCorrection Refused(string reason) => new(string.Empty, null, false, reason);
}

/// <summary>
/// Works out corrections of events that the operator's meters measured. Meters that add up or count are corrected by differences; of the largest, the latest and the different values
/// there is no difference, so an event can only be taken back from them.
/// </summary>
/// <param name="db">Where the meters are.</param>
internal sealed class MeterCorrections(UsageDbContext db)
{
    /// <summary>The differences of a correction by meter.</summary>
    /// <param name="json">As the ledger keeps them; null for none.</param>
    public static SortedDictionary<string, string?>? Read(string? json) =>
        json is null ? null : new SortedDictionary<string, string?>(JsonSerializer.Deserialize<Dictionary<string, string?>>(json)!, StringComparer.Ordinal);

    /// <summary>Works one out. The caller sees to it that no other correction of the entry is made meanwhile.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="earlier">Its corrections so far.</param>
    /// <param name="differences">The differences by meter, as decimal texts within bounds; null: all that the event added.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<MeterCorrection> WorkOutAsync(
        LedgerEntry entry, IReadOnlyList<LedgerEntry> earlier, IReadOnlyDictionary<string, string?> differences, CancellationToken cancellationToken)
    {
        var meters = await db.Meters.AsNoTracking()
            .Where(meter => meter.EventType == entry.Type && meter.CreatedAt <= entry.RecordedAt && (meter.ArchivedAt == null || meter.ArchivedAt > entry.RecordedAt))
            .OrderBy(meter => meter.Code)
            .ToListAsync(cancellationToken);
        var before = earlier.Select(row => Read(row.MeterDifferences)).OfType<SortedDictionary<string, string?>>().ToList();
        var kept = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        var quantities = new Dictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var (code, text) in differences.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (meters.Find(meter => meter.Code == code) is not { } meter)
            {
                return MeterCorrection.Refused(meters.Count == 0
                    ? "No meter measured this entry."
                    : $"The meter {code} did not measure this entry; what did: {string.Join(", ", meters.Select(known => known.Code))}.");
            }

            var corrected = before.Where(row => row.ContainsKey(code)).Select(row => row[code]).ToList();
            if (meter.Aggregation is not (MeterAggregation.Sum or MeterAggregation.Count))
            {
                if (text is not null || corrected.Count > 0)
                {
                    return MeterCorrection.Refused(corrected.Count > 0
                        ? $"The entry was taken back from the meter {code} already."
                        : $"The meter {code} has no sum that a difference could be added to. Send null to take the entry back from it.");
                }

                kept[code] = null;
                continue;
            }

            var sum = (MeasuredData.QuantityOf(entry.Data, meter) ?? 0) + corrected.Sum(Number);
            var difference = text is null ? -sum : Number(text);
            if (Refuse(meter, sum, difference) is { } reason)
            {
                return MeterCorrection.Refused(reason);
            }

            kept[code] = DecimalText.Write(difference);
            quantities[code] = difference;
        }

        return new MeterCorrection(JsonSerializer.Serialize(kept), quantities.Count == 0 ? null : quantities, kept.Values.Any(value => value is null), null);
    }

    private static string? Refuse(Meter meter, decimal sum, decimal difference)
    {
        if (difference == 0)
        {
            return $"The entry adds nothing to the meter {meter.Code} any more.";
        }

        if (meter.Aggregation == MeterAggregation.Count)
        {
            return sum + difference is 0 or 1 ? null : string.Create(CultureInfo.InvariantCulture, $"The entry counts {sum} in the meter {meter.Code}: send -1 to take it back, 1 to undo that.");
        }

        return (sum + difference) switch
        {
            < 0 => string.Create(CultureInfo.InvariantCulture, $"The entry and its corrections would add {DecimalText.Write(sum + difference)} to the meter {meter.Code}. It cannot be less than 0."),
            > MeterValue.Largest => string.Create(CultureInfo.InvariantCulture, $"The entry and its corrections would add more than {MeterValue.Largest} to the meter {meter.Code}."),
            _ => null,
        };
    }

    private static decimal Number(string? text) => text is null ? 0 : decimal.Parse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
}
