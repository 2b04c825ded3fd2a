using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using BotGeneric.Testing;
using Microsoft.AspNetCore.WebUtilities;
using Npgsql;

namespace BotGeneric.Benchmarks;

/// <summary>
/// Refreshes a second: Identity as a process of its own with a real database, callers that each go on with the token they got last. The baseline
/// does to the same database what a rolling refresh cannot do without, one redeemed token and one new, in one transaction, and nothing else.
/// </summary>
internal static partial class RefreshBenchmark
{
    private const string ClientSecret = "secret-of-the-gateway-for-a-benchmark";
    private const string Email = "admin@example.com";
    private const string Password = "a horse that counts to 41";
    private const string Verifier = "a-verifier-of-forty-three-characters-or-more-0123456789";
    private const int Callers = 16;

    public static async Task RunAsync(string[] args)
    {
        var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 3;
        var seconds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 8;
        await using var database = await TestDatabase.CreateAsync("identity");
        var origin = $"http://127.0.0.1:{Ports.Free()}/";
        using var identity = ServiceProcess.Start(RepositoryPaths.OutputOf("services/Identity/BotGeneric.Identity.csproj"), [], new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Staging",
            ["ASPNETCORE_URLS"] = origin,
            ["ConnectionStrings__identity-db"] = database.ConnectionString,
            ["ConnectionStrings__redis"] = await TestServers.RedisAsync(),
            ["ConnectionStrings__rabbitmq"] = await TestServers.RabbitMqAsync(),
            ["Database__MigrateOnStart"] = "true",
            ["Authentication__Issuer"] = origin,
            ["Clients__Gateway__Secret"] = ClientSecret,
            ["Administration__InitialAdmin__Email"] = Email,
            ["Administration__InitialAdmin__Password"] = Password,
        });
        try
        {
            var tokens = await SignInAsync(origin);
            using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Callers }) { BaseAddress = new Uri(origin) };
            await using var dataSource = NpgsqlDataSource.Create(database.ConnectionString);
            await CreateBaselineAsync(dataSource);

            // Both warm up.
            await LoadAsync(seconds, caller => RefreshAsync(client, tokens, caller));
            await LoadAsync(seconds, _ => TurnRowsAsync(dataSource));
            var ratios = new List<double>();
            for (var round = 1; round <= rounds; round++)
            {
                identity.Refresh();
                var before = identity.TotalProcessorTime;
                var ours = await LoadAsync(seconds, caller => RefreshAsync(client, tokens, caller));
                identity.Refresh();
                var processor = (identity.TotalProcessorTime - before).TotalSeconds / ours.Count;
                var baseline = await LoadAsync(seconds, _ => TurnRowsAsync(dataSource));
                ratios.Add(ours.Rate / baseline.Rate);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"round {round}: {ours.Rate:0} refreshes/s, p99 {ours.P99:0.0} ms, {processor * 1000:0.00} ms of Identity's processor time each ({1 / processor:0}/s on one core); the rows alone {baseline.Rate:0}/s, ratio {ratios[^1]:0.00}"));
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"median ratio {ratios.Order().ElementAt(ratios.Count / 2):0.00}; {Callers} callers, {Environment.ProcessorCount} cores for Identity, PostgreSQL and the load together"));
        }
        finally
        {
            identity.Kill();
        }
    }

    // One session, an authorization for each caller: what a person's browsers and applications have.
    private static async Task<string[]> SignInAsync(string origin)
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(origin) };
        await Eventually.EqualAsync(HttpStatusCode.OK, () => StatusAsync(browser), "Identity to be healthy");
        var form = AntiforgeryField().Match(await browser.GetStringAsync("login")).Groups["value"].Value;
        using (var signedIn = await browser.PostAsync("login", new FormUrlEncodedContent(
            [new("email", Email), new("password", Password), new("__RequestVerificationToken", WebUtility.HtmlDecode(form))])))
        {
            Expect(signedIn, HttpStatusCode.Found, HttpStatusCode.SeeOther);
        }

        var tokens = new string[Callers];
        for (var caller = 0; caller < Callers; caller++)
        {
            tokens[caller] = await AuthorizeAsync(browser, origin);
        }

        return tokens;
    }

    private static async Task<string> AuthorizeAsync(HttpClient browser, string origin)
    {
        var callback = $"{origin}session/callback";
        var address = QueryHelpers.AddQueryString("connect/authorize", new Dictionary<string, string?>
        {
            ["client_id"] = "gateway",
            ["redirect_uri"] = callback,
            ["response_type"] = "code",
            ["scope"] = "openid offline_access users:read",
            ["state"] = "state",
            ["nonce"] = "nonce",
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier))),
            ["code_challenge_method"] = "S256",
        });
        for (var hop = 0; !address.StartsWith(callback, StringComparison.Ordinal); hop++)
        {
            using var response = await browser.GetAsync(address);
            Expect(response, HttpStatusCode.Found, HttpStatusCode.SeeOther);
            address = response.Headers.Location!.ToString();
            if (hop > 4)
            {
                throw new InvalidOperationException($"The authorization leads to {address}.");
            }
        }

        return await TokenAsync(
            browser, ("grant_type", "authorization_code"), ("code", QueryHelpers.ParseQuery(new Uri(address).Query)["code"].ToString()), ("redirect_uri", callback), ("code_verifier", Verifier));
    }

    private static async Task RefreshAsync(HttpClient client, string[] tokens, int caller) =>
        tokens[caller] = await TokenAsync(client, ("grant_type", "refresh_token"), ("refresh_token", tokens[caller]));

    private static async Task<string> TokenAsync(HttpClient client, params (string Name, string Value)[] parameters)
    {
        using var content = new FormUrlEncodedContent(
            [new("client_id", "gateway"), new("client_secret", ClientSecret), .. parameters.Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Value))]);
        using var response = await client.PostAsync("connect/token", content);
        Expect(response, HttpStatusCode.OK);
        using var answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        return answer.RootElement.GetProperty("refresh_token").GetString()!;
    }

    private static async Task CreateBaselineAsync(NpgsqlDataSource dataSource)
    {
        await using var command = dataSource.CreateCommand(
            """
            CREATE SCHEMA bench;
            CREATE TABLE bench.token (id uuid PRIMARY KEY, reference text NOT NULL UNIQUE, status text NOT NULL, payload text NOT NULL);
            """);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task TurnRowsAsync(NpgsqlDataSource dataSource)
    {
        await using var connection = await dataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var (used, next) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await using var batch = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("INSERT INTO bench.token VALUES ($1, $2, 'valid', $3)") { Parameters = { new() { Value = used }, new() { Value = used.ToString() }, new() { Value = Payload } } },
                new NpgsqlBatchCommand("UPDATE bench.token SET status = 'redeemed' WHERE id = $1") { Parameters = { new() { Value = used } } },
                new NpgsqlBatchCommand("INSERT INTO bench.token VALUES ($1, $2, 'valid', $3)") { Parameters = { new() { Value = next }, new() { Value = next.ToString() }, new() { Value = Payload } } },
            },
        };
        await batch.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
    }

    private static async Task<(double Rate, double P99, int Count)> LoadAsync(int seconds, Func<int, Task> work)
    {
        var clock = Stopwatch.StartNew();
        var until = TimeSpan.FromSeconds(seconds);
        var latencies = await Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
        {
            var own = new List<double>();
            while (clock.Elapsed < until)
            {
                var started = Stopwatch.GetTimestamp();
                await work(caller);
                own.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            return own;
        }));
        var elapsed = clock.Elapsed.TotalSeconds;
        var sorted = latencies.SelectMany(own => own).Order().ToList();
        return (sorted.Count / elapsed, sorted[(int)(sorted.Count * 0.99)], sorted.Count);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        try
        {
            using var response = await client.GetAsync("health");
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return HttpStatusCode.ServiceUnavailable;
        }
    }

    private static void Expect(HttpResponseMessage response, params HttpStatusCode[] statuses)
    {
        if (!statuses.Contains(response.StatusCode))
        {
            throw new InvalidOperationException($"{response.RequestMessage?.RequestUri} answered {(int)response.StatusCode}.");
        }
    }

    private static string Payload { get; } = new('x', 1500);

    [GeneratedRegex("""name="__RequestVerificationToken"[^>]*value="(?<value>[^"]+)""")]
    private static partial Regex AntiforgeryField();
}
