using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Npgsql;

namespace BotGeneric.Usage.Tests;

/// <summary>Usage as a process, killed again and again while it is reported to.</summary>
public sealed class CrashTests
{
    private const int Kills = 20;
    private const int Reporters = 8;

    private readonly ConcurrentDictionary<string, (Guid Account, int Tokens)> _acknowledged = new();
    private readonly Guid[] _accounts = [.. Enumerable.Range(0, 5).Select(_ => Guid.CreateVersion7())];
    private int _retries;

    [Fact]
    public async Task Whatever_was_acknowledged_is_there_once_after_20_kills()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var database = await TestDatabase.CreateAsync("usage");
        await using var tap = await BrokerTap<UsageRecorded>.OpenAsync();
        var address = new Uri($"http://127.0.0.1:{FreePorts.Take()}");
        var environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Staging",
            ["ASPNETCORE_URLS"] = address.ToString(),
            ["ConnectionStrings__usage-db"] = database.ConnectionString,
            ["ConnectionStrings__redis"] = await TestServers.RedisAsync(),
            ["ConnectionStrings__rabbitmq"] = await TestServers.RabbitMqAsync(),
            ["Database__MigrateOnStart"] = "true",
            ["Authentication__Issuer"] = TestTokens.Issuer,
            ["Authentication__JwksAddress"] = issuer.JwksAddress,
        };
        using var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(10) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.Issue(TestToken.Operator, TimeProvider.System.GetUtcNow()));

        using var enough = new CancellationTokenSource();
        var reporters = Enumerable.Range(0, Reporters).Select(number => Task.Run(() => ReportAsync(client, number, enough.Token))).ToList();
        for (var kill = 0; kill < Kills; kill++)
        {
            using var doomed = Start(environment);
            await ReadyAsync(client);
            var before = _acknowledged.Count;
            // Another moment of its work each time.
            await Eventually.GetAsync(() => Task.FromResult(_acknowledged.Count), count => count > before + (kill * 37), "reports to be acknowledged");
            doomed.Kill();
            await doomed.WaitForExitAsync();
        }

        using var last = Start(environment);
        try
        {
            await ReadyAsync(client);
            await enough.CancelAsync();
            await Task.WhenAll(reporters);
            await VerifyAsync(database, tap);
        }
        finally
        {
            last.Kill();
            await last.WaitForExitAsync();
        }
    }

    private async Task VerifyAsync(TestDatabase database, BrokerTap<UsageRecorded> tap)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        var found = new Dictionary<string, (Guid Account, long Tokens)>();
        var ids = new HashSet<Guid>();
        await using (var command = new NpgsqlCommand("SELECT source_id, account_id, input_tokens, id FROM ledger", connection))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                Assert.True(found.TryAdd(reader.GetString(0), (reader.GetGuid(1), reader.GetInt64(2))), "an event is in the ledger twice");
                ids.Add(reader.GetGuid(3));
            }
        }

        Assert.True(_retries > Kills, $"only {_retries} reports were repeated");
        Assert.Equal(_acknowledged.Keys.Order(), found.Keys.Order());
        foreach (var account in _accounts)
        {
            Assert.Equal(
                _acknowledged.Values.Where(sent => sent.Account == account).Sum(sent => (long)sent.Tokens), found.Values.Where(row => row.Account == account).Sum(row => row.Tokens));
        }

        await using var batches = new NpgsqlCommand("SELECT sum(entries)::bigint FROM ledger_batches", connection);
        Assert.Equal((long)found.Count, await batches.ExecuteScalarAsync());
        // The tap hears every Usage of this test run.
        await Eventually.GetAsync(
            () => Task.FromResult(tap.Events.SelectMany(recorded => recorded.Entries).Select(entry => entry.EntryId).ToHashSet()),
            told => ids.IsSubsetOf(told) && told.Count >= ids.Count,
            "every entry to be told");
    }

    // Reports until told to stop, and to the end what it has begun: the same report again until it is acknowledged, and now and then one that was.
    private async Task ReportAsync(HttpClient client, int number, CancellationToken enough)
    {
        var random = new Random(number);
        var earlier = new List<object>();
        while (!enough.IsCancellationRequested)
        {
            var batch = Enumerable.Range(0, random.Next(1, 40)).Select(_ => NewEvent(random)).ToList();
            var known = earlier.Count == 0 ? [] : Enumerable.Range(0, random.Next(3)).Select(_ => earlier[random.Next(earlier.Count)]).ToArray();
            await UntilAcknowledgedAsync(client, [.. batch.Select(one => one.Event), .. known, batch[0].Event]);
            foreach (var (json, id, account, tokens) in batch)
            {
                Assert.True(_acknowledged.TryAdd(id, (account, tokens)));
                earlier.Add(json);
            }
        }
    }

    private (object Event, string Id, Guid Account, int Tokens) NewEvent(Random random)
    {
        var (id, account, tokens) = (Guid.CreateVersion7().ToString(), _accounts[random.Next(_accounts.Length)], random.Next(10_000));
        return (new { specversion = "1.0", type = "llm.call.v1", source = "crash", id, subject = account, data = new { inputTokens = tokens } }, id, account, tokens);
    }

    private async Task UntilAcknowledgedAsync(HttpClient client, object[] events)
    {
        await Eventually.GetAsync(
            async () =>
            {
                try
                {
                    using var response = await client.PostAsJsonAsync("/api/usage/events", events);
                    var answer = response.StatusCode == HttpStatusCode.OK ? await response.Content.ReadFromJsonAsync<JsonElement>() : default;
                    return answer.ValueKind == JsonValueKind.Object && answer.GetProperty("invalid").GetInt32() == 0;
                }
                catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException or JsonException)
                {
                    Interlocked.Increment(ref _retries);
                    return false;
                }
            },
            acknowledged => acknowledged,
            "a report to be acknowledged");
    }

    private static Task ReadyAsync(HttpClient client) => Eventually.EqualAsync(
        HttpStatusCode.OK,
        async () =>
        {
            try
            {
                using var response = await client.GetAsync("/alive");
                return response.StatusCode;
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                return HttpStatusCode.ServiceUnavailable;
            }
        },
        "Usage to be up");

    private static Process Start(Dictionary<string, string> environment)
    {
        var assembly = RepositoryPaths.OutputOf("services/Usage/BotGeneric.Usage.csproj");
        var start = new ProcessStartInfo("dotnet", [assembly]) { RedirectStandardOutput = true, WorkingDirectory = Path.GetDirectoryName(assembly) };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }
}
