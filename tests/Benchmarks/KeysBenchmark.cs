using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Text;
using BotGeneric.Contracts.Identity;
using BotGeneric.Gateway.Authentication;
using BotGeneric.Gateway.Keys;
using BotGeneric.Gateway.Routing;
using BotGeneric.Gateway.Session;
using BotGeneric.Messaging.Broadcasts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace BotGeneric.Benchmarks;

/// <summary>How long the gateway takes to tell what a key stands for that it remembers. The baseline is a look into a dictionary by the same text.</summary>
internal static class KeysBenchmark
{
    private const int Keys = 10_000;

    public static async Task RunAsync(string[] args)
    {
        var count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1_000_000;
        var broadcasts = new BroadcastState(TimeProvider.System);
        broadcasts.Connected();
        using var client = new HttpClient(new Identity());
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var outages = new ServiceOutages(TimeProvider.System, services.GetRequiredService<IMeterFactory>(), NullLogger<ServiceOutages>.Instance);
        var resolver = new KeyResolver(
            new IdentityClient(client, Options.Create(new IdentityOptions()), Options.Create(new BrowserSessionOptions()), outages, NullLogger<IdentityClient>.Instance),
            broadcasts,
            Options.Create(new KeyCacheOptions()),
            TimeProvider.System,
            NullLogger<KeyResolver>.Instance);
        var keys = Enumerable.Range(0, Keys).Select(_ => ApiKeyFormat.Generate()).ToArray();
        foreach (var key in keys)
        {
            await resolver.ResolveAsync(key, CancellationToken.None);
        }

        var known = keys.ToDictionary(key => key, key => key);
        await MeasureAsync(count / 10, keys, Known, TokenOutcome.Granted);
        await MeasureAsync(count / 10, keys, Resolve, TokenOutcome.Granted);
        var baseline = await MeasureAsync(count, keys, Known, TokenOutcome.Granted);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var cached = await MeasureAsync(count, keys, Resolve, TokenOutcome.Granted);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated - (count * sizeof(long));
        var refused = await MeasureAsync(count, [.. keys.Select(key => key[..^1] + "-")], Resolve, TokenOutcome.Refused);
        Console.WriteLine($"{count} verifications of {Keys} keys, {resolver.Lookups} lookups at identity, {allocated / count} bytes each");
        Console.WriteLine($"  dictionary alone {Text(baseline)}");
        Console.WriteLine($"  remembered key   {Text(cached)}");
        Console.WriteLine($"  bad checksum     {Text(refused)}");

        ValueTask<KeyAnswer> Known(string key) => new(new KeyAnswer(known.ContainsKey(key) ? TokenOutcome.Granted : TokenOutcome.Refused, null));

        ValueTask<KeyAnswer> Resolve(string key) => resolver.ResolveAsync(key, CancellationToken.None);
    }

    // Everything that is measured completes at once, so that awaiting it costs nothing.
    private static async Task<long[]> MeasureAsync(int count, string[] keys, Func<string, ValueTask<KeyAnswer>> verify, TokenOutcome expected)
    {
        var ticks = new long[count];
        for (var index = 0; index < count; index++)
        {
            var started = TimeProvider.System.GetTimestamp();
            var answer = await verify(keys[index % keys.Length]);
            ticks[index] = TimeProvider.System.GetTimestamp() - started;
            if (answer.Outcome != expected)
            {
                throw new InvalidOperationException("A key was not told from another.");
            }
        }

        Array.Sort(ticks);
        return ticks;
    }

    private static string Text(long[] ticks)
    {
        return string.Create(
            CultureInfo.InvariantCulture, $"p50 {Microseconds(50):0.00} µs, p99 {Microseconds(99):0.00} µs, slowest {Microseconds(100):0.0} µs");

        double Microseconds(int percent) =>
            ticks[Math.Min(ticks.Length - 1, (int)((long)ticks.Length * percent / 100))] * 1e6 / TimeProvider.System.TimestampFrequency;
    }

    private sealed class Identity : HttpMessageHandler
    {
        private int _count;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var number = Interlocked.Increment(ref _count);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StringContent(
                    $$"""{"access_token":"token-{{number}}","expires_in":300,"key_id":"{{number:00000000}}","account_id":"{{Guid.CreateVersion7()}}","allowed_networks":[]}""",
                    Encoding.UTF8,
                    "application/json"),
            });
        }
    }
}
