using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace BotGeneric.Benchmarks;

/// <summary>Load from wrk: 32 connections, each of which sends its next request when the last one is answered.</summary>
internal static partial class Wrk
{
    /// <summary>Loads an address.</summary>
    /// <param name="process">The process behind it.</param>
    /// <param name="address">The address.</param>
    /// <param name="credential">The bearer credential of each request.</param>
    /// <param name="seconds">For how long.</param>
    /// <returns>
    /// Requests per second, milliseconds within which 99 of 100 were answered, and microseconds of the process's own processor time for a request: unlike the rate,
    /// what others do on the machine hardly changes them.
    /// </returns>
    public static Task<(double Rate, double P99, double Processor)> LoadAsync(Process process, string address, string credential, int seconds) =>
        LoadAsync(process, address, ["-H", $"Authorization: Bearer {credential}"], seconds);

    /// <summary>Loads an address with what a script makes.</summary>
    /// <param name="process">The process behind it.</param>
    /// <param name="address">The address.</param>
    /// <param name="script">The path of the Lua script.</param>
    /// <param name="seconds">For how long.</param>
    /// <returns>As above.</returns>
    public static Task<(double Rate, double P99, double Processor)> RunAsync(Process process, string address, string script, int seconds) =>
        LoadAsync(process, address, ["-s", script], seconds);

    private static async Task<(double Rate, double P99, double Processor)> LoadAsync(Process process, string address, string[] arguments, int seconds)
    {
        process.Refresh();
        var before = process.TotalProcessorTime;
        using var wrk = Process.Start(new ProcessStartInfo("wrk", ["-t1", "-c32", $"-d{seconds}s", "--latency", .. arguments, address])
        {
            RedirectStandardOutput = true,
        })!;
        var output = await wrk.StandardOutput.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        if (output.Contains("Non-2xx", StringComparison.Ordinal) || output.Contains("Socket errors", StringComparison.Ordinal))
        {
            throw new InvalidOperationException(output);
        }

        process.Refresh();
        var processor = (process.TotalProcessorTime - before).TotalMicroseconds / double.Parse(Count().Match(output).Groups["value"].Value, CultureInfo.InvariantCulture);
        var latency = P99().Match(output);
        var milliseconds = double.Parse(latency.Groups["value"].Value, CultureInfo.InvariantCulture)
            * latency.Groups["unit"].Value switch { "us" => 0.001, "s" => 1000, _ => 1 };
        return (double.Parse(Rate().Match(output).Groups["value"].Value, CultureInfo.InvariantCulture), milliseconds, processor);
    }

    /// <summary>The middle of some figures.</summary>
    /// <param name="values">The figures.</param>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    [GeneratedRegex(@"Requests/sec:\s+(?<value>[\d.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"(?<value>\d+) requests in")]
    private static partial Regex Count();

    [GeneratedRegex(@"99%\s+(?<value>[\d.]+)(?<unit>us|ms|s)")]
    private static partial Regex P99();
}
