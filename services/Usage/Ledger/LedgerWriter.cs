using BotGeneric.Usage.Ingest;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BotGeneric.Usage.Ledger;

/// <summary>
/// Records what waits in the queue, as many reports in one transaction as there are at that moment. While one batch is being recorded the next one gathers, so
/// batches grow with the load and nobody waits for a full one, unless configuration has a small one wait for more. A report is answered after the commit.
/// </summary>
internal sealed partial class LedgerWriter(
    LedgerQueue queue, IServiceProvider services, IOptions<UsageOptions> options, ILogger<LedgerWriter> logger) : IHostedService
{
    // A batch of fewer entries costs more by its commit than by them.
    private const int Small = 500;

    private readonly List<Task> _writers = [];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        for (var writer = 0; writer < options.Value.Writers; writer++)
        {
            _writers.Add(Task.Run(WriteAsync, CancellationToken.None));
        }

        return Task.CompletedTask;
    }

    // What has been accepted is recorded before the process ends; what comes later is refused.
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Complete();
        await Task.WhenAll(_writers).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WriteAsync()
    {
        await using var connection = ActivatorUtilities.CreateInstance<LedgerConnection>(services);
        var reports = new List<LedgerReport>();
        while (await queue.Reports.WaitToReadAsync())
        {
            await GatherAsync(reports);

            if (reports.Count > 0)
            {
                await SettleAsync(connection, reports);
                reports.Clear();
            }
        }
    }

    private async Task GatherAsync(List<LedgerReport> reports)
    {
        var entries = Take(reports, 0);
        if (entries is > 0 and < Small && options.Value.GatherTime > TimeSpan.Zero)
        {
            await Task.Delay(options.Value.GatherTime);
            entries = Take(reports, entries);
        }

        // Requests that have arrived and wait for a processor are let go first, for as long as any of them brings something: under load that makes fewer and larger
        // commits, without it nobody waits.
        for (var before = 0; entries > before && entries < Small;)
        {
            before = entries;
            await Task.Yield();
            entries = Take(reports, entries);
        }
    }

    private int Take(List<LedgerReport> reports, int entries)
    {
        while (queue.Reports.TryPeek(out var next) && (entries == 0 || entries + next.Entries.Count <= options.Value.MaximumBatch)
            && queue.Reports.TryRead(out var report))
        {
            reports.Add(report);
            entries += report.Entries.Count;
        }

        return entries;
    }

    private async Task SettleAsync(LedgerConnection connection, List<LedgerReport> reports)
    {
        try
        {
            Answer(reports, await WriteTwiceAsync(connection, reports));
        }
        catch (PostgresException exception) when (reports.Count > 1)
        {
            // The database refuses something in it. Every report is tried alone, so that one takes no other with it.
            LogRefused(logger, exception, reports.Count);
            foreach (var report in reports)
            {
                await SettleAloneAsync(connection, report);
            }
        }
        catch (Exception exception)
        {
            Fail(reports, exception);
        }
    }

    private async Task SettleAloneAsync(LedgerConnection connection, LedgerReport report)
    {
        LedgerReport[] alone = [report];
        try
        {
            Answer(alone, await WriteTwiceAsync(connection, alone));
        }
        catch (Exception exception)
        {
            Fail(alone, exception);
        }
    }

    // A connection that has died in the meantime and a deadlock say nothing about the next attempt. Should the first one have been committed after all, the
    // second finds duplicates, which is true.
    private static async Task<bool[][]> WriteTwiceAsync(LedgerConnection connection, IReadOnlyList<LedgerReport> reports)
    {
        try
        {
            return await connection.WriteAsync(reports, CancellationToken.None);
        }
        catch (NpgsqlException exception) when (exception.IsTransient)
        {
            return await connection.WriteAsync(reports, CancellationToken.None);
        }
    }

    private void Answer(IReadOnlyList<LedgerReport> reports, bool[][] stored)
    {
        var (entries, fresh) = (0, 0);
        for (var index = 0; index < reports.Count; index++)
        {
            entries += stored[index].Length;
            fresh += stored[index].Count(isNew => isNew);
            queue.Settled(reports[index]);
            reports[index].Succeed(stored[index]);
        }

        LedgerMetrics.Recorded(fresh, entries - fresh);
    }

    private void Fail(IReadOnlyList<LedgerReport> reports, Exception exception)
    {
        LogFailed(logger, exception, reports.Count);
        foreach (var report in reports)
        {
            queue.Settled(report);
            report.Fail(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch of {Reports} reports was refused by the database; each is tried alone")]
    private static partial void LogRefused(ILogger logger, Exception exception, int reports);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Reports} report(s) could not be recorded")]
    private static partial void LogFailed(ILogger logger, Exception exception, int reports);
}
