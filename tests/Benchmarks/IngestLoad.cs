using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using BotGeneric.Testing;

namespace BotGeneric.Benchmarks;

/// <summary>Reports of usage as fast as they are answered.</summary>
internal static partial class IngestLoad
{
    /// <summary>Events in one batch.</summary>
    public const int BatchSize = 500;

    /// <summary>How many of them were reported before.</summary>
    public const int Duplicates = BatchSize / 20;

    private const int Accounts = 200;

    public sealed record Batches(long Events, long Stored, double Seconds, double P99);

    /// <summary>An event as a service reports it; the id is 36 characters.</summary>
    public static string Event(string account, string id, string time) =>
        $$$"""{"specversion":"1.0","type":"llm.call.v1","source":"urn:bench:agents","id":"{{{id}}}","subject":"{{{account}}}","time":"{{{time}}}","data":{"feature":"chat","channel":"web","provider":"openai","model":"gpt-4o-mini","inputTokens":812,"cachedInputTokens":256,"outputTokens":143}}""";

    public static string Account(int number) => $"0192f0c1-0000-7000-8000-{number % Accounts:x12}";

    /// <summary>Batches from a few clients.</summary>
    public static async Task<Batches> BatchesAsync(HttpClient client, int clients, TimeSpan duration)
    {
        var end = TimeProvider.System.GetTimestamp();
        var results = await Task.WhenAll(Enumerable.Range(0, clients).Select(number => Task.Run(() => ClientAsync(client, number, end, duration))));
        var seconds = TimeProvider.System.GetElapsedTime(end).TotalSeconds;
        var latencies = results.SelectMany(result => result.Latencies).Order().ToList();
        return new Batches(
            (long)latencies.Count * BatchSize, results.Sum(result => result.Stored), seconds, latencies[Math.Min(latencies.Count - 1, latencies.Count * 99 / 100)]);
    }

    private static async Task<(long Stored, List<double> Latencies)> ClientAsync(HttpClient client, int number, long started, TimeSpan duration)
    {
        var (body, places) = Template(number);
        var latencies = new List<double>();
        var stored = 0L;
        while (TimeProvider.System.GetElapsedTime(started) < duration)
        {
            // The first ones keep the id that they had in the batch before.
            for (var index = latencies.Count == 0 ? 0 : Duplicates; index < places.Length; index++)
            {
                Guid.NewGuid().TryFormat(body.AsSpan(places[index], 36), out _);
            }

            var sent = TimeProvider.System.GetTimestamp();
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents-batch+json");
            using var response = await client.PostAsync("/api/usage/events", content);
            var answer = await response.Content.ReadAsByteArrayAsync();
            latencies.Add(TimeProvider.System.GetElapsedTime(sent).TotalMilliseconds);
            response.EnsureSuccessStatusCode();
            stored += Stored(answer);
        }

        return (stored, latencies);
    }

    private static int Stored(byte[] answer)
    {
        var json = new Utf8JsonReader(answer);
        while (json.Read())
        {
            if (json.TokenType == JsonTokenType.PropertyName && json.ValueTextEquals("stored"u8) && json.Read())
            {
                return json.GetInt32();
            }
        }

        throw new InvalidOperationException("The answer has no count.");
    }

    private static (byte[] Body, int[] Places) Template(int client)
    {
        const string Placeholder = "00000000-0000-0000-0000-000000000000";
        var time = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var body = new StringBuilder("[");
        var places = new int[BatchSize];
        for (var index = 0; index < BatchSize; index++)
        {
            var one = Event(Account((client * BatchSize) + index), Placeholder, time);
            places[index] = body.Length + one.IndexOf(Placeholder, StringComparison.Ordinal);
            body.Append(one).Append(index == BatchSize - 1 ? ']' : ',');
        }

        return (Encoding.ASCII.GetBytes(body.ToString()), places);
    }

    /// <summary>One event in each request, from wrk.</summary>
    public static async Task<(double Rate, double P99)> SinglesAsync(string gateway, string key, int clients, int seconds)
    {
        using var folder = new TemporaryFolder("ingest");
        var script = Path.Combine(folder.Path, "post.lua");
        var time = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var parts = Event("%account%", "%id%", time).Split("%id%");
        var ends = parts[1].Split("%account%");
        await File.WriteAllTextAsync(
            script,
            $$"""
            local count = 0
            local headers = { ["Content-Type"] = "application/cloudevents+json", ["X-Api-Key"] = "{{key}}" }
            request = function()
              count = count + 1
              local id = string.format("{{Guid.NewGuid():N}}-%010d", count)
              local account = string.format("0192f0c1-0000-7000-8000-%012x", count % {{Accounts}})
              return wrk.format("POST", "/api/usage/events", headers, '{{parts[0]}}' .. id .. '{{ends[0]}}' .. account .. '{{ends[1]}}')
            end
            """);
        using var wrk = Process.Start(new ProcessStartInfo("wrk", ["-t1", $"-c{clients}", $"-d{seconds}s", "--latency", "-s", script, gateway])
        {
            RedirectStandardOutput = true,
        })!;
        var output = await wrk.StandardOutput.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        if (output.Contains("Non-2xx", StringComparison.Ordinal) || output.Contains("Socket errors", StringComparison.Ordinal))
        {
            throw new InvalidOperationException(output);
        }

        var latency = P99().Match(output);
        var milliseconds = double.Parse(latency.Groups["value"].Value, CultureInfo.InvariantCulture)
            * latency.Groups["unit"].Value switch { "us" => 0.001, "s" => 1000, _ => 1 };
        return (double.Parse(Rate().Match(output).Groups["value"].Value, CultureInfo.InvariantCulture), milliseconds);
    }

    [GeneratedRegex(@"Requests/sec:\s+(?<value>[\d.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"99%\s+(?<value>[\d.]+)(?<unit>us|ms|s)")]
    private static partial Regex P99();
}
