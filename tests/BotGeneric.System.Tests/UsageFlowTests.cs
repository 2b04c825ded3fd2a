using BotGeneric.Replay;
using BotGeneric.Testing;

namespace BotGeneric.System.Tests;

[Collection(RunningSystem.Collection)]
public sealed class UsageFlowTests(RunningSystem system)
{
    private const int BatchSize = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    // It crosses a midnight and the end of a month, so that every window has an inside and an outside.
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 22, 0, 0, TimeSpan.Zero);

    private readonly Guid _account = Guid.CreateVersion7();

    [Fact]
    public async Task A_trace_reported_twice_and_shuffled_counts_once_everywhere()
    {
        var rows = TraceFile.Read(TraceFile.Generate(1500, Start, seed: 1));
        var replay = Replay(rows);

        Assert.Equal(new Outcome(rows.Count, 0, 0), await replay.ReportAsync("system-tests", BatchSize, shuffleSeed: null, CancellationToken.None));
        Assert.Equal(new Outcome(0, rows.Count, 0), await replay.ReportAsync("system-tests", BatchSize, shuffleSeed: 1, CancellationToken.None));

        AssertEqual(await replay.CompareAsync(Patience, CancellationToken.None));
    }

    [Fact]
    public async Task One_trace_runs_from_the_report_at_the_gateway_to_the_last_consumer()
    {
        var before = TimeProvider.System.GetUtcNow();
        await Replay(TraceFile.Read(TraceFile.Generate(3, Start, seed: 2))).ReportAsync("system-tests", BatchSize, null, CancellationToken.None);

        var spans = await system.TraceAsync("POST /api/usage/events", before, "usage", "policy", "analytics");

        Assert.All(["policy", "analytics"], service => Assert.Contains(spans, span => span.Service == service && span.Kind == "consumer"));
    }

    [Theory]
    [InlineData("gateway")]
    [InlineData("usage")]
    [InlineData("policy")]
    [InlineData("rabbitmq")]
    [InlineData("postgres")]
    public async Task A_process_that_is_killed_in_the_middle_loses_nothing_and_counts_nothing_twice(string resource)
    {
        var rows = TraceFile.Read(TraceFile.Generate(1000, Start, seed: 3));
        var replay = Replay(rows);
        // Reports are under way when the process dies: the first is answered, the others are not waited for.
        await Replay([.. rows.Take(BatchSize)]).ReportAsync("system-tests", BatchSize, shuffleSeed: null, CancellationToken.None);
        var underWay = ReportOrFailAsync(replay, shuffleSeed: null);
        await system.Application.KillResourceAsync(resource);
        await system.Application.StartResourceAsync(resource);
        await underWay;

        // A reporter repeats until it is answered; what was stored before is a duplicate then.
        await Eventually.GetAsync(
            () => ReportOrFailAsync(replay, shuffleSeed: 1),
            outcome => outcome is { Invalid: 0 } && outcome.Stored + outcome.Duplicates == rows.Count,
            "the report to be accepted");

        AssertEqual(await replay.CompareAsync(Patience, CancellationToken.None));
        await Eventually.GetAsync(
            () => system.GetAsync("/status"), status => status.GetProperty("status").GetString() == "healthy", "the system to be healthy again");
    }

    /// <summary>What became of the report; null when it was cut off.</summary>
    private static async Task<Outcome?> ReportOrFailAsync(TraceReplay replay, int? shuffleSeed)
    {
        try
        {
            return await replay.ReportAsync("system-tests", BatchSize, shuffleSeed, CancellationToken.None);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private TraceReplay Replay(IReadOnlyList<TraceRow> rows) => new(new ReplayClient(system.Operator), _account, rows);

    private static void AssertEqual(IReadOnlyList<Comparison> comparisons)
    {
        Assert.NotEmpty(comparisons);
        Assert.All(comparisons, comparison => Assert.Equal(comparison.Expected, comparison.Actual));
        // History, trends, and three limits in each of the two days and months that the trace touches.
        Assert.True(comparisons.Count >= 2 + 6, $"Only {comparisons.Count} totals were compared.");
    }
}
