using System.Globalization;
using BotGeneric.Testing;

namespace BotGeneric.Benchmarks;

/// <summary>How long the whole system takes until every resource is healthy, once it is built and its data is in place.</summary>
internal static class StartBenchmark
{
    public static async Task RunAsync(string[] arguments)
    {
        var runs = arguments is [var text, ..] ? int.Parse(text, CultureInfo.InvariantCulture) : 3;
        using var data = new TemporaryFolder("start");
        Console.WriteLine($"First start, with empty databases: {await StartAsync(data.Path):0.0} s");
        var seconds = new List<double>();
        for (var run = 0; run < runs; run++)
        {
            seconds.Add(await StartAsync(data.Path));
        }

        seconds.Sort();
        Console.WriteLine($"Later starts: median {seconds[seconds.Count / 2]:0.0} s, slowest {seconds[^1]:0.0} s of {runs}");
    }

    private static async Task<double> StartAsync(string data)
    {
        var started = TimeProvider.System.GetTimestamp();
        await using var application = await AppHostProcess.StartAsync(new AppHostProcessOptions { DataFolder = data });
        return TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }
}
