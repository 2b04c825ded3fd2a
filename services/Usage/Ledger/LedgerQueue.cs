using System.Threading.Channels;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Ingest;
using Microsoft.Extensions.Options;

namespace BotGeneric.Usage.Ledger;

/// <summary>
/// Where everything that is reported waits to be recorded: single events, batches and calls that other services tell of go into one queue, and the writer
/// takes what is there, so that many small reports share one commit.
/// </summary>
/// <param name="options">How much may wait.</param>
public sealed class LedgerQueue(IOptions<UsageOptions> options)
{
    // Bounded by entries, not by reports: Waiting is what the bound is about.
    private readonly Channel<LedgerReport> _reports = Channel.CreateUnbounded<LedgerReport>();
    private int _waiting;

    /// <summary>Entries that are not recorded yet, those that are being recorded among them.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Whether a report would be refused at this moment.</summary>
    public bool IsFull => Waiting >= options.Value.MaximumWaiting;

    internal ChannelReader<LedgerReport> Reports => _reports.Reader;

    /// <summary>Hands entries to the writer, unless too many wait already.</summary>
    /// <param name="entries">The entries; the same event may stand among them more than once. They are the writer's from now on.</param>
    /// <returns>For each entry whether it is new; completes when all are durable. Null when too many wait.</returns>
    public Task<bool[]>? TryAppend(IReadOnlyList<LedgerEntry> entries) => IsFull ? null : AppendAsync(entries);

    /// <summary>Hands entries to the writer however many wait; for callers that are bounded themselves.</summary>
    /// <param name="entries">The entries; the same event may stand among them more than once. They are the writer's from now on.</param>
    /// <returns>For each entry whether it is new; completes when all are durable.</returns>
    /// <exception cref="InvalidOperationException">The process is stopping.</exception>
    public Task<bool[]> AppendAsync(IReadOnlyList<LedgerEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        if (entries.Count == 0)
        {
            return Task.FromResult<bool[]>([]);
        }

        var report = new LedgerReport(entries);
        Interlocked.Add(ref _waiting, entries.Count);
        if (!_reports.Writer.TryWrite(report))
        {
            Interlocked.Add(ref _waiting, -entries.Count);
            throw new InvalidOperationException("The ledger's writer has stopped.");
        }

        return report.Completion;
    }

    internal void Complete() => _reports.Writer.TryComplete();

    internal void Settled(LedgerReport report) => Interlocked.Add(ref _waiting, -report.Entries.Count);
}
