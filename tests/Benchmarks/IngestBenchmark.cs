using System.Diagnostics;
using System.Globalization;
using System.Net;
using BotGeneric.Contracts.Identity;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Npgsql;

namespace BotGeneric.Benchmarks;

/// <summary>
/// Usage events a second through the gateway into the ledger: batches of 500 with 5 % duplicates, against what COPY alone reaches into the same table with the same indexes in the same
/// run, and single events from 64 clients. Gateway, Usage and PostgreSQL are processes of their own; what is told to the other services goes to RabbitMQ meanwhile.
/// </summary>
internal static class IngestBenchmark
{
    private const string Secret = "secret-of-the-gateway-for-a-benchmark";
    private const int BatchClients = 16;
    private const int SingleClients = 64;

    public static async Task RunAsync(string[] args)
    {
        var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 3;
        var seconds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 8;
        var key = ApiKeyFormat.Generate();
        await using var issuer = await TestIssuer.StartAsync();
        await using var gatewayDatabase = await TestDatabase.CreateAsync("gateway");
        await using var database = await TestDatabase.CreateAsync("usage");
        var (gatewayUrl, usageUrl) = ($"http://127.0.0.1:{Ports.Free()}", $"http://127.0.0.1:{Ports.Free()}");
        var servers = new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Staging",
            ["ConnectionStrings__redis"] = await TestServers.RedisAsync(),
            ["ConnectionStrings__rabbitmq"] = await TestServers.RabbitMqAsync(),
            ["Database__MigrateOnStart"] = "true",
            ["Telemetry__TraceSampleRatio"] = "0.1",
        };
        using var usage = ServiceProcess.Start(RepositoryPaths.OutputOf("services/Usage/BotGeneric.Usage.csproj"), [], new Dictionary<string, string>(servers)
        {
            ["ASPNETCORE_URLS"] = usageUrl,
            ["ConnectionStrings__usage-db"] = database.ConnectionString,
            ["Authentication__Issuer"] = TestTokens.Issuer,
            ["Authentication__JwksAddress"] = issuer.JwksAddress,
        });
        using var gateway = ServiceProcess.Start(Path.Combine(AppContext.BaseDirectory, "BotGeneric.Gateway.dll"), [], new Dictionary<string, string>(servers)
        {
            ["ASPNETCORE_URLS"] = gatewayUrl,
            ["ConnectionStrings__gateway-db"] = gatewayDatabase.ConnectionString,
            ["Authentication__Issuer"] = gatewayUrl + "/",
            ["Session__ClientSecret"] = Secret,
            ["services__identity__http__0"] = issuer.Address,
            ["services__usage__http__0"] = usageUrl,
            ["RateLimits__Api__Requests"] = "100000000",
            ["RateLimits__Account__Requests"] = "100000000",
            ["RateLimits__Key__Requests"] = "100000000",
        });
        try
        {
            using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = BatchClients }) { BaseAddress = new Uri(gatewayUrl) };
            client.DefaultRequestHeaders.Add("X-Api-Key", key);
            await ReadyAsync(client);
            await using var ledger = NpgsqlDataSource.Create(database.ConnectionString);
            await MeasureAsync(ledger, client, [usage, gateway], gatewayUrl, key, rounds, seconds);
        }
        finally
        {
            gateway.Kill();
            usage.Kill();
        }
    }

    private static async Task MeasureAsync(
        NpgsqlDataSource ledger, HttpClient client, Process[] processes, string gateway, string key, int rounds, int seconds)
    {
        // Both warm up: what is measured is compiled code.
        await IngestLoad.BatchesAsync(client, BatchClients, TimeSpan.FromSeconds(seconds));
        await IngestLoad.SinglesAsync(gateway, key, SingleClients, seconds / 2);
        var results = new List<(double Copy, double Stored, double Singles)>();
        for (var round = 1; round <= rounds; round++)
        {
            await DrainedAsync(ledger);
            var copy = await IngestCopy.RunAsync(ledger, TimeSpan.FromSeconds(seconds));
            var processor = Processor(processes);
            var batches = await IngestLoad.BatchesAsync(client, BatchClients, TimeSpan.FromSeconds(seconds));
            var perEvent = Processor(processes).Zip(processor, (after, before) => (after - before).TotalMicroseconds / batches.Events).ToArray();
            var waiting = await WaitingAsync(ledger);
            var drained = await DrainedAsync(ledger);
            processor = Processor(processes);
            var singles = await IngestLoad.SinglesAsync(gateway, key, SingleClients, seconds);
            var perSingle = Processor(processes).Zip(processor, (after, before) => (after - before).TotalMicroseconds / (singles.Rate * seconds)).ToArray();
            results.Add((copy, batches.Stored / batches.Seconds, singles.Rate));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"round {round}: COPY alone {copy:0} rows/s; through the gateway {batches.Events / batches.Seconds:0} events/s, {results[^1].Stored:0} stored/s, ratio {results[^1].Stored / copy:0.00}, p99 of a batch {batches.P99:0} ms; Usage {perEvent[0]:0.0} µs, gateway {perEvent[1]:0.0} µs of processor time an event; {waiting} messages behind, gone after {drained.TotalSeconds:0.0} s; single events {singles.Rate:0}/s, p99 {singles.P99:0.0} ms, Usage {perSingle[0]:0} µs, gateway {perSingle[1]:0} µs"));
        }

        await using var size = ledger.CreateCommand("SELECT count(*) FROM ledger");
        var rows = (long)(await size.ExecuteScalarAsync())!;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"median: COPY {Median(results.Select(result => result.Copy)):0} rows/s, stored {Median(results.Select(result => result.Stored)):0}/s, ratio {Median(results.Select(result => result.Stored / result.Copy)):0.00}, single events {Median(results.Select(result => result.Singles)):0}/s; {rows} rows in the ledger at the end"));
    }

    private static TimeSpan[] Processor(Process[] processes) => Array.ConvertAll(processes, process =>
    {
        process.Refresh();
        return process.TotalProcessorTime;
    });

    private static async Task<long> WaitingAsync(NpgsqlDataSource ledger)
    {
        await using var command = ledger.CreateCommand("SELECT count(*) FROM outbox");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    // What is still on its way to the broker would be paid for by what is measured next.
    private static async Task<TimeSpan> DrainedAsync(NpgsqlDataSource ledger)
    {
        var started = TimeProvider.System.GetTimestamp();
        await Eventually.EqualAsync(0L, () => WaitingAsync(ledger), "the outbox to be empty");
        return TimeProvider.System.GetElapsedTime(started);
    }

    private static Task ReadyAsync(HttpClient client) => Eventually.EqualAsync(
        HttpStatusCode.OK,
        async () =>
        {
            try
            {
                using var response = await client.GetAsync($"/api/usage/history?account={Guid.CreateVersion7()}");
                return response.StatusCode;
            }
            catch (HttpRequestException)
            {
                return HttpStatusCode.ServiceUnavailable;
            }
        },
        "Usage behind the gateway");

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);
}
