using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Npgsql;
using StackExchange.Redis;

namespace BotGeneric.Benchmarks;

/// <summary>
/// Decisions a second over HTTP, each with a hold in limits of four kinds (rate, quota, budget, concurrency) of the plan, the organization and the person, for 10,000 accounts; then for one
/// account. Against the Node peer where its folder is given: Fastify and rate-limiter-flexible with one limiter, and with four that are neither atomic together nor
/// undone. Policy, the peer and Redis are processes of their own, the load is wrk's, runs in turns.
/// </summary>
internal static class AuthorizeBenchmark
{
    private const int Accounts = 10_000;

    public static async Task RunAsync(string[] args)
    {
        var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 3;
        var seconds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 8;
        var peerFolder = args.Length > 2 ? args[2] : Path.Combine(RepositoryPaths.Root, "..", "shared", "peers", "ratelimit-node");
        // One without a password, which the peer does not send, and without a file, for both.
        var redis = Ports.Free();
        using var server = Process.Start(new ProcessStartInfo(
            "redis-server", ["--bind", "127.0.0.1", "--port", redis.ToString(CultureInfo.InvariantCulture), "--save", "", "--appendonly", "no", "--loglevel", "warning"])
        {
            RedirectStandardOutput = true,
        })!;
        await using var issuer = await TestIssuer.StartAsync();
        await using var database = await TestDatabase.CreateAsync("policy");
        using var folder = new TemporaryFolder("authorize");
        var url = $"http://127.0.0.1:{Ports.Free()}";
        using var policy = ServiceProcess.Start(RepositoryPaths.OutputOf("services/Policy/BotGeneric.Policy.csproj"), [], new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Staging",
            ["ASPNETCORE_URLS"] = url,
            ["ConnectionStrings__policy-db"] = database.ConnectionString,
            ["ConnectionStrings__redis"] = $"127.0.0.1:{redis}",
            ["ConnectionStrings__rabbitmq"] = await TestServers.RabbitMqAsync(),
            ["Database__MigrateOnStart"] = "true",
            ["Authentication__Issuer"] = TestTokens.Issuer,
            ["Authentication__JwksAddress"] = issuer.JwksAddress,
            ["Policy__CompiledCapacity"] = "50000",
            // Nothing is committed here, so what the one account holds only grows.
            ["Policy__Decisions__HoldsAtOnce"] = "10000000",
            // A load of minutes must not use a day's allowance up: a refusal is another thing than a decision with a hold.
            ["Policy__Free__0__Limit"] = "1000000000",
            ["Policy__Free__1__Limit"] = "1000000000000",
            ["Policy__Free__2__Limit"] = "1000000000000",
            ["Telemetry__TraceSampleRatio"] = "0.1",
        });
        var peers = Peer.Find(peerFolder, redis);
        try
        {
            await SeedAsync(url, database.ConnectionString);
            var token = TestTokens.Issue(
                new TestToken { Subject = "agents", ClientId = "agents", Scopes = [ApiScopes.PolicyAuthorize] }, TimeProvider.System.GetUtcNow());
            var many = await Script.WriteAsync(folder, "many", token, Accounts);
            var one = await Script.WriteAsync(folder, "one", token, 1);
            Console.WriteLine("Warming up: every account is compiled and its sums are read once.");
            await Wrk.RunAsync(policy, $"{url}/api/policy/authorize", many, 45);
            await Wrk.RunAsync(policy, $"{url}/api/policy/authorize", one, 3);
            var results = new List<double[]>();
            for (var round = 1; round <= rounds; round++)
            {
                var before = await ProcessorAsync(redis);
                var ours = await Wrk.RunAsync(policy, $"{url}/api/policy/authorize", many, seconds);
                var script = (await ProcessorAsync(redis) - before) / (ours.Rate * seconds);
                var hot = await Wrk.RunAsync(policy, $"{url}/api/policy/authorize", one, seconds);
                await MustAllowAsync(url, token, 0);
                await MustAllowAsync(url, token, 77);
                var line = string.Create(
                    CultureInfo.InvariantCulture,
                    $"round {round}: ours {ours.Rate:0}/s p99 {ours.P99:0.0} ms, {ours.Processor:0} µs of Policy's processor time and {script:0} µs of Redis'; one account {hot.Rate:0}/s p99 {hot.P99:0.0} ms, {hot.Processor:0} µs");
                var figures = new List<double> { ours.Rate, ours.P99, hot.Rate };
                foreach (var peer in peers)
                {
                    var theirs = await peer.LoadAsync(folder, seconds);
                    line += string.Create(CultureInfo.InvariantCulture, $"; {peer.Mode} {theirs.Rate:0}/s p99 {theirs.P99:0.0} ms: ratio {ours.Rate / theirs.Rate:0.00}");
                    figures.AddRange([ours.Rate / theirs.Rate, ours.P99 / theirs.P99]);
                }

                Console.WriteLine(line);
                results.Add([.. figures]);
            }

            var medians = Enumerable.Range(0, results[0].Length).Select(column => Wrk.Median(results.Select(row => row[column]))).ToArray();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"median: {medians[0]:0} decisions/s, p99 {medians[1]:0.0} ms; one account {medians[2]:0}/s"));
            for (var index = 0; index < peers.Count; index++)
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"median against the peer in mode {peers[index].Mode}: {medians[3 + (2 * index)]:0.00} of its rate, p99 {medians[4 + (2 * index)]:0.00} of its"));
            }
        }
        finally
        {
            policy.Kill();
            server.Kill();
            foreach (var peer in peers)
            {
                peer.Dispose();
            }
        }
    }

    // Beside the plan's quotas, which every account has: what each account, organization and person may do.
    private static async Task SeedAsync(string url, string database)
    {
        using var client = new HttpClient { BaseAddress = new Uri(url) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", TestTokens.Issue(TestToken.Operator, TimeProvider.System.GetUtcNow()));
        await Eventually.EqualAsync(HttpStatusCode.OK, () => StatusAsync(client), "Policy");
        await using var policy = NpgsqlDataSource.Create(database);
        await using var organizations = policy.CreateCommand(
            "INSERT INTO organizations (account_id) SELECT ('0192f0c1-0000-7000-8000-' || lpad(to_hex(id), 12, '0'))::uuid FROM generate_series(0, $1) AS id");
        organizations.Parameters.Add(new() { Value = Accounts });
        await organizations.ExecuteNonQueryAsync();
        foreach (var (code, scope, limits) in new (string, string, object[])[]
        {
            ("bench-plan", "plan",
            [
                new { code = "burst", kind = "rate", unit = "llm.requests", maximum = "1000000000", seconds = 60 },
                new { code = "money", kind = "budget", unit = "USD", maximum = "1000000", window = "month" },
                new { code = "parallel", kind = "concurrency", unit = "calls", maximum = "1000000000" },
            ]),
            ("bench-organization", "organization",
            [
                new { code = "tokens", kind = "quota", unit = "llm.output_tokens", maximum = "1000000000000", window = "day" },
            ]),
            ("bench-user", "user",
            [
                new { code = "requests", kind = "quota", unit = "llm.requests", maximum = "1000000000", window = "day" },
            ]),
        })
        {
            using var response = await client.PostAsJsonAsync("/api/admin/policies", new { code, name = code, scope, document = new { limits }, reason = "A benchmark." });
            if (!response.IsSuccessStatusCode)
            {
                throw new InvalidOperationException(await response.Content.ReadAsStringAsync());
            }
        }
    }

    // Microseconds of Redis' processor time so far.
    private static async Task<double> ProcessorAsync(int port)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{port},allowAdmin=true");
        var info = await connection.GetServers()[0].InfoAsync("cpu");
        return info.SelectMany(section => section).Where(line => line.Key is "used_cpu_user" or "used_cpu_sys")
            .Sum(line => double.Parse(line.Value, CultureInfo.InvariantCulture)) * 1_000_000;
    }

    // What is measured are decisions that hold: a refusal writes nothing.
    private static async Task MustAllowAsync(string url, string token, int account)
    {
        using var client = new HttpClient { BaseAddress = new Uri(url) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var question = new { subject = $"0192f0c1-0000-7000-8000-{account:x12}", user = $"0192f0c1-0000-7000-9000-{account:x12}", feature = "chat", model = "m1", channel = "web" };
        using var response = await client.PostAsJsonAsync("/api/policy/authorize", question);
        var answer = await response.Content.ReadAsStringAsync();
        if (!answer.StartsWith("{\"decision\":\"allow\"", StringComparison.Ordinal))
        {
            throw new InvalidOperationException(answer);
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        try
        {
            using var response = await client.GetAsync("/health");
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return HttpStatusCode.ServiceUnavailable;
        }
    }

    /// <summary>What wrk sends.</summary>
    private static class Script
    {
        internal static async Task<string> WriteAsync(TemporaryFolder folder, string name, string token, int accounts)
        {
            var path = Path.Combine(folder.Path, $"{name}.lua");
            await File.WriteAllTextAsync(
                path,
                $$$"""
                wrk.method = "POST"
                wrk.headers["Content-Type"] = "application/json"
                wrk.headers["Authorization"] = "Bearer {{{token}}}"
                local n = 0
                request = function()
                  n = n + 1
                  local id = n % {{{accounts}}}
                  return wrk.format(nil, nil, nil, string.format(
                    '{"subject":"0192f0c1-0000-7000-8000-%012x","user":"0192f0c1-0000-7000-9000-%012x","feature":"chat","model":"m1","channel":"web",' ..
                    '"estimate":{"requests":1,"inputTokens":1000,"outputTokens":500,"cost":{"amount":"0.0125","currency":"USD"} } }', id, id))
                end
                """);
            return path;
        }
    }

    /// <summary>What a Node team would put together.</summary>
    private sealed class Peer(string mode, int port, Process process) : IDisposable
    {
        internal string Mode => mode;

        internal static IReadOnlyList<Peer> Find(string folder, int redis)
        {
            if (!Directory.Exists(Path.Combine(folder, "node_modules")))
            {
                Console.WriteLine($"No peer to compare with: {Path.GetFullPath(folder)} has no node_modules. Name its folder after an npm install in it.");
                return [];
            }

            return [.. new[] { "full", "single" }.Select(mode => Start(folder, mode, redis))];
        }

        internal async Task<(double Rate, double P99, double Processor)> LoadAsync(TemporaryFolder temporary, int seconds)
        {
            var path = Path.Combine(temporary.Path, "peer.lua");
            await File.WriteAllTextAsync(
                path,
                """
                wrk.method = "POST"
                wrk.headers["Content-Type"] = "application/json"
                local n = 0
                request = function()
                  n = n + 1
                  return wrk.format(nil, nil, nil, string.format('{"subject":"user-%d","tokens":1}', n % 10000))
                end
                """);
            return await Wrk.RunAsync(process, $"http://127.0.0.1:{port}/check", path, seconds);
        }

        public void Dispose()
        {
            process.Kill();
            process.Dispose();
        }

        private static Peer Start(string folder, string mode, int redis)
        {
            var port = Ports.Free();
            var start = new ProcessStartInfo("node", ["server.js"]) { WorkingDirectory = folder };
            start.Environment["MODE"] = mode;
            start.Environment["PORT"] = port.ToString(CultureInfo.InvariantCulture);
            start.Environment["REDIS_PORT"] = redis.ToString(CultureInfo.InvariantCulture);
            return new Peer(mode, port, Process.Start(start)!);
        }
    }
}
