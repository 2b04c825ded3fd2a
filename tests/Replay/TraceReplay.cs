namespace BotGeneric.Replay;

/// <summary>One comparison.</summary>
/// <param name="What">What is compared.</param>
/// <param name="Expected">What the file says.</param>
/// <param name="Actual">What the system says.</param>
public sealed record Comparison(string What, string Expected, string Actual)
{
    /// <summary>Whether both are the same.</summary>
    public bool Holds => Expected == Actual;
}

/// <summary>Replays a trace and compares what the system then says with the file's own totals.</summary>
/// <param name="client">The API.</param>
/// <param name="account">The account that is charged; one that nothing else uses.</param>
/// <param name="rows">The trace.</param>
public sealed class TraceReplay(ReplayClient client, Guid account, IReadOnlyList<TraceRow> rows)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Reports the whole trace.</summary>
    /// <param name="source">The CloudEvents source.</param>
    /// <param name="batchSize">Events in a request, 1 to 1,000.</param>
    /// <param name="shuffleSeed">Null for the file's order.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What became of the events, all requests together.</returns>
    public async Task<Outcome> ReportAsync(string source, int batchSize, int? shuffleSeed, CancellationToken cancellationToken)
    {
        var order = rows.ToArray();
        if (shuffleSeed is { } seed)
        {
            new Random(seed).Shuffle(order);
        }

        var total = new Outcome(0, 0, 0);
        foreach (var batch in order.Chunk(batchSize))
        {
            var outcome = await client.ReportAsync(account, source, batch, cancellationToken);
            total = new Outcome(total.Stored + outcome.Stored, total.Duplicates + outcome.Duplicates, total.Invalid + outcome.Invalid);
        }

        return total;
    }

    /// <summary>Compares until everything holds or the time is up: counters and rollups follow the ledger within moments.</summary>
    /// <param name="atMost">How long to wait.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The last comparisons.</returns>
    public async Task<IReadOnlyList<Comparison>> CompareAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(Pause);
        while (true)
        {
            var comparisons = await CompareOnceAsync(cancellationToken);
            if (comparisons.All(comparison => comparison.Holds) || TimeProvider.System.GetElapsedTime(started) > atMost)
            {
                return comparisons;
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    private async Task<IReadOnlyList<Comparison>> CompareOnceAsync(CancellationToken cancellationToken)
    {
        var expected = Totals.Of(rows);
        var (first, last) = (rows.Min(row => row.Time), rows.Max(row => row.Time));
        var comparisons = new List<Comparison>
        {
            Compare("GET /api/usage/history", expected, await client.HistoryAsync(account, cancellationToken)),
            Compare("GET /api/analytics/trends", expected, await client.TrendAsync(account, first, last.AddTicks(1), cancellationToken)),
        };
        foreach (var day in rows.Select(row => new DateTimeOffset(row.Time.UtcDateTime.Date, TimeSpan.Zero)).Distinct().Order())
        {
            foreach (var limit in await client.LimitsAsync(account, day, cancellationToken))
            {
                var inWindow = Totals.Of(rows.Where(row => row.Time >= limit.WindowStart && row.Time < limit.ResetsAt));
                comparisons.Add(new Comparison(
                    $"GET /api/policy/limits {limit.Meter} from {limit.WindowStart:yyyy-MM-dd}", $"{Quantity(inWindow, limit.Meter)}", $"{limit.Used}"));
            }
        }

        return comparisons;
    }

    private static Comparison Compare(string what, Totals expected, Totals actual) => new(what, Text(expected), Text(actual));

    private static string Text(Totals totals) => $"{totals.Requests} requests, {totals.InputTokens} in, {totals.OutputTokens} out";

    private static long Quantity(Totals totals, string meter) => meter switch
    {
        "llm.requests" => totals.Requests,
        "llm.input_tokens" => totals.InputTokens,
        "llm.output_tokens" => totals.OutputTokens,
        _ => throw new NotSupportedException($"A limit of {meter} cannot be compared with a trace."),
    };
}
