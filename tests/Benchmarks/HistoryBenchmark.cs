using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Npgsql;

namespace BotGeneric.Benchmarks;

/// <summary>
/// What questions cost on a ledger of millions, and whether an entry costs more the more there are. The entries are made by the database itself, spread evenly over 1,000 accounts and
/// 60 days; the service, a process of its own, folds them as it folds everything. Asked is over HTTP, one question after the other, each about another account.
/// </summary>
internal static class HistoryBenchmark
{
    private const int Accounts = 1_000;
    private const int Chunk = 50_000;

    private const string Insert =
        """
        WITH batch AS (INSERT INTO ledger_batches (recorded_at, entries) VALUES ($3, $2) RETURNING id)
        INSERT INTO ledger (recorded_at, time, batch_id, requests, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, id, account_id, user_id,
                            price_id, cost, currency, type, source, source_id, feature, channel, provider, model)
        SELECT at, at, batch.id, 1, 800 + n % 400, 256, 0, 143, 0, ('0192' || lpad(to_hex(n), 28, '0'))::uuid,
               ('0192f0c1-0000-7000-8000-' || lpad(to_hex(hashint8(n) & 1023), 12, '0'))::uuid, NULL, '0192f0c1-0000-7000-8000-00000000ffff', 0.000123456789, 'USD', 'llm.call.v1',
               'urn:bench:agents', n::text, (ARRAY['chat', 'images', 'search'])[1 + n % 3], 'web', 'openai', (ARRAY['gpt-4o-mini', 'gpt-5-mini'])[1 + n % 2]
          FROM batch, generate_series($1, $1 + $2 - 1) AS n, LATERAL (SELECT $3 - (hashint8extended(n, 7) & 4194303) * interval '1.2 seconds' AS at) AS times
        """;

    public static async Task RunAsync(string[] args)
    {
        var millions = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10;
        var questions = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 300;
        await using var issuer = await TestIssuer.StartAsync();
        await using var database = await TestDatabase.CreateAsync("usage");
        var address = $"http://127.0.0.1:{Ports.Free()}";
        using var usage = ServiceProcess.Start(RepositoryPaths.OutputOf("services/Usage/BotGeneric.Usage.csproj"), [], new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Staging",
            ["ASPNETCORE_URLS"] = address,
            ["ConnectionStrings__usage-db"] = database.ConnectionString,
            ["ConnectionStrings__redis"] = await TestServers.RedisAsync(),
            ["ConnectionStrings__rabbitmq"] = await TestServers.RabbitMqAsync(),
            ["Database__MigrateOnStart"] = "true",
            ["Telemetry__TraceSampleRatio"] = "0.1",
            ["Authentication__Issuer"] = TestTokens.Issuer,
            ["Authentication__JwksAddress"] = issuer.JwksAddress,
            // A check reads all entries of an account; it is no part of what is measured.
            ["Usage__Rollups__InvariantInterval"] = "1.00:00:00",
            ["Usage__Rollups__Interval"] = "00:00:00.050",
        });
        try
        {
            using var client = new HttpClient { BaseAddress = new Uri(address) };
            await Eventually.EqualAsync(true, () => IsReadyAsync(client), "Usage");
            await using var ledger = NpgsqlDataSource.Create(database.ConnectionString);
            await MeasureAsync(ledger, client, millions, questions);
        }
        finally
        {
            usage.Kill();
        }
    }

    private static async Task MeasureAsync(NpgsqlDataSource ledger, HttpClient client, int millions, int questions)
    {
        var now = new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        await ExecuteAsync(ledger, "SELECT ledger_add_partition(($1::timestamptz - ahead * interval '1 month')::date) FROM generate_series(1, 3) AS ahead", now);
        Console.WriteLine("entries | recorded and folded, µs an entry | bytes an entry, with indexes and rollups | cells | history page p50/p99 ms | 30-day summary p50/p99 ms | 30 days by day and model p50/p99 ms");
        for (var million = 1; million <= millions; million++)
        {
            var clock = Stopwatch.StartNew();
            for (long first = (million - 1) * 1_000_000L; first < million * 1_000_000L; first += Chunk)
            {
                await ExecuteAsync(ledger, Insert, first, (long)Chunk, now);
            }

            await FoldedAsync(ledger);
            var seconds = clock.Elapsed.TotalSeconds;
            if (million is not (1 or 2 or 5) && million != millions)
            {
                continue;
            }

            await ExecuteAsync(ledger, "VACUUM ANALYZE");
            var bytes = await ReadAsync(ledger, "SELECT (SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'ledger'::regclass)::bigint + pg_total_relation_size('usage_rollups')");
            var cells = await ReadAsync(ledger, "SELECT count(*) FROM usage_rollups");
            await AskAsync(client, questions / 10, Page);
            var (page, summary, query) = (await AskAsync(client, questions, Page), await AskAsync(client, questions, Summary(now)), await AskAsync(client, questions, Query(now)));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{million,3} million | {seconds:0.0} | {bytes / (million * 1e6):0} | {cells} | {page.Middle:0.0}/{page.P99:0.0} | {summary.Middle:0.0}/{summary.P99:0.0} | {query.Middle:0.0}/{query.P99:0.0}"));
        }
    }

    private static HttpRequestMessage Page(string account) => new(HttpMethod.Get, $"/api/usage/history?account={account}&limit=50");

    private static Func<string, HttpRequestMessage> Summary(DateTimeOffset now) => account => new HttpRequestMessage(
        HttpMethod.Get, $"/api/usage/summary?account={account}&from={now.AddDays(-30):yyyy-MM-dd}T00:00:00Z&to={now:yyyy-MM-dd}T00:00:00Z");

    private static Func<string, HttpRequestMessage> Query(DateTimeOffset now) => account => new HttpRequestMessage(HttpMethod.Post, "/api/usage/query")
    {
        Content = new StringContent(
            $$"""{"account":"{{account}}","from":"{{now.AddDays(-30):yyyy-MM-dd}}T00:00:00Z","to":"{{now:yyyy-MM-dd}}T00:00:00Z","granularity":"P1D","groupBy":["model"]}""",
            new MediaTypeHeaderValue("application/json")),
    };

    private static async Task<(double Middle, double P99)> AskAsync(HttpClient client, int questions, Func<string, HttpRequestMessage> question)
    {
        var latencies = new List<double>();
        for (var number = 0; number < questions; number++)
        {
            using var request = question($"0192f0c1-0000-7000-8000-{number * 7 % Accounts:x12}");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.Issue(TestToken.Operator, TimeProvider.System.GetUtcNow()));
            var sent = TimeProvider.System.GetTimestamp();
            using var response = await client.SendAsync(request);
            await response.Content.ReadAsByteArrayAsync();
            latencies.Add(TimeProvider.System.GetElapsedTime(sent).TotalMilliseconds);
            response.EnsureSuccessStatusCode();
        }

        latencies.Sort();
        return (latencies[latencies.Count / 2], latencies[Math.Min(latencies.Count - 1, latencies.Count * 99 / 100)]);
    }

    private static async Task<bool> IsReadyAsync(HttpClient client)
    {
        try
        {
            using var response = await client.GetAsync("/alive");
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task FoldedAsync(NpgsqlDataSource ledger)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await ReadAsync(ledger, "SELECT count(*) FROM ledger_batches WHERE rolled_up_at IS NULL") > 0)
        {
            await timer.WaitForNextTickAsync();
        }
    }

    private static async Task<long> ReadAsync(NpgsqlDataSource ledger, string sql)
    {
        await using var command = ledger.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource ledger, string sql, params object[] parameters)
    {
        await using var command = ledger.CreateCommand(sql);
        command.CommandTimeout = 0;
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        await command.ExecuteNonQueryAsync();
    }
}
