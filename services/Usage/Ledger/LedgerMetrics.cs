using System.Diagnostics.Metrics;

namespace BotGeneric.Usage.Ledger;

/// <summary>What the ledger tells of itself: the meter <c>BotGeneric.Usage</c>.</summary>
internal static class LedgerMetrics
{
    private static readonly Meter Meter = new("BotGeneric.Usage");

    private static readonly Counter<long> Entries = Meter.CreateCounter<long>("botgeneric.usage.entries", "{entry}", "Entries by what became of them.");
    private static readonly Histogram<int> Batches = Meter.CreateHistogram<int>("botgeneric.usage.batch.size", "{entry}", "Entries recorded in one transaction.");
    private static readonly Counter<long> Refused = Meter.CreateCounter<long>("botgeneric.usage.refused", "{report}", "Reports refused because too much waited.");

    private static readonly Counter<long> SettledHolds = Meter.CreateCounter<long>(
        "botgeneric.usage.settled_holds", "{event}", "Events that were not recorded because another event has settled their hold.");

    private static readonly KeyValuePair<string, object?> Stored = new("outcome", "stored");
    private static readonly KeyValuePair<string, object?> Duplicate = new("outcome", "duplicate");

    /// <summary>A batch was recorded.</summary>
    public static void Recorded(int stored, int duplicates)
    {
        Entries.Add(stored, Stored);
        Entries.Add(duplicates, Duplicate);
        Batches.Record(stored + duplicates);
    }

    /// <summary>An event named a hold that another one has settled.</summary>
    public static void MetSettledHold() => SettledHolds.Add(1);

    /// <summary>A report was refused because too much waited.</summary>
    public static void RefusedReport() => Refused.Add(1);
}
