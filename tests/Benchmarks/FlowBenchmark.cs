using System.Globalization;
using BotGeneric.Replay;
using BotGeneric.Testing;

namespace BotGeneric.Benchmarks;

/// <summary>
/// From the answer that accepts a usage event until the event shows in history, limits and trends. The load is open-loop: requests leave
/// on schedule whether or not earlier ones were answered, so a slow system cannot slow its own measurement down. The baseline is the
/// same without load.
/// </summary>
internal static class FlowBenchmark
{
    private const int EventsInRequest = 10;
    private const int ProbesPerSecond = 4;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(string[] arguments)
    {
        var rate = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 500;
        var duration = TimeSpan.FromSeconds(arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 30);

        await using var application = await AppHostProcess.StartAsync();
        using var http = ReplayClient.Connect(application.Gateway, application.DevelopmentApiKey);
        var client = new ReplayClient(http);

        await MeasureAsync(client, rate, WarmUp);
        var idle = await MeasureAsync(client, rate: 0, TimeSpan.FromSeconds(10));
        var loaded = await MeasureAsync(client, rate, duration);

        Console.WriteLine($"idle:         {Text(idle.Visible)}");
        Console.WriteLine($"{rate} events/s: {Text(loaded.Visible)}");
        Console.WriteLine(
            $"reports of {EventsInRequest} events: {loaded.Accepted} accepted, {loaded.Failed} failed; p99 under load / p99 idle = {Percentile(loaded.Visible, 99) / Percentile(idle.Visible, 99):0.0}");
    }

    private static async Task<Measurement> MeasureAsync(ReplayClient client, int rate, TimeSpan duration)
    {
        using var end = new CancellationTokenSource(duration);
        var load = LoadAsync(client, rate, end.Token);
        var probes = new List<Task<double>>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / ProbesPerSecond));
        try
        {
            while (await timer.WaitForNextTickAsync(end.Token))
            {
                probes.Add(ProbeAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            // The time is up; what is under way is waited for below.
        }

        var visible = await Task.WhenAll(probes);
        Array.Sort(visible);
        var (accepted, failed) = await load;
        return new Measurement(visible, accepted, failed);
    }

    private static async Task<(int Accepted, int Failed)> LoadAsync(ReplayClient client, int rate, CancellationToken end)
    {
        var requests = new List<Task<bool>>();
        var account = Guid.CreateVersion7();
        var started = TimeProvider.System.GetTimestamp();
        while (!end.IsCancellationRequested && rate > 0)
        {
            var due = (int)(TimeProvider.System.GetElapsedTime(started).TotalSeconds * rate / EventsInRequest);
            while (requests.Count < due)
            {
                requests.Add(ReportAsync(client, account, Rows(requests.Count * EventsInRequest)));
            }

            await Task.Delay(1, CancellationToken.None);
        }

        var answers = await Task.WhenAll(requests);
        return (answers.Count(accepted => accepted), answers.Count(accepted => !accepted));
    }

    private static async Task<bool> ReportAsync(ReplayClient client, Guid account, IReadOnlyList<TraceRow> rows)
    {
        try
        {
            return (await client.ReportAsync(account, "benchmark", rows, CancellationToken.None)).Stored == rows.Count;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    // An account of its own for each probe: what shows there is this event and nothing else.
    private static async Task<double> ProbeAsync(ReplayClient client)
    {
        var account = Guid.CreateVersion7();
        var row = Rows(0)[0];
        await client.ReportAsync(account, "probe", [row], CancellationToken.None);
        var accepted = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(
            UntilAsync(async () => (await client.HistoryAsync(account, CancellationToken.None)).Requests == 1),
            UntilAsync(async () => (await client.LimitsAsync(account, row.Time, CancellationToken.None)).Any(limit => limit.Used > 0)),
            UntilAsync(async () => (await client.TrendAsync(account, row.Time, row.Time.AddTicks(1), CancellationToken.None)).Requests == 1));
        return TimeProvider.System.GetElapsedTime(accepted).TotalSeconds;
    }

    private static async Task UntilAsync(Func<Task<bool>> isVisible)
    {
        while (!await isVisible())
        {
            await Task.Delay(Poll);
        }
    }

    private static TraceRow[] Rows(int first) =>
        [.. Enumerable.Range(first + 1, EventsInRequest).Select(number => new TraceRow(number, TimeProvider.System.GetUtcNow(), 1000, 50))];

    private static double Percentile(double[] sorted, int percent) => sorted[Math.Min(sorted.Length - 1, sorted.Length * percent / 100)];

    private static string Text(double[] visible) =>
        $"p50 {Percentile(visible, 50):0.000} s, p99 {Percentile(visible, 99):0.000} s, slowest {visible[^1]:0.000} s of {visible.Length} probes";

    private sealed record Measurement(double[] Visible, int Accepted, int Failed);
}
