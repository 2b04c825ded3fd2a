using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>The service as a process of its own is killed with SIGKILL in the middle of calls.</summary>
public sealed class CrashTests : IAsyncLifetime
{
    // What everybody is allowed without a plan, by services/Policy/appsettings.json.
    private const int Room = 50;

    private readonly Guid _account = Guid.CreateVersion7();
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly int _port = FreePort();
    private WebApplication? _issuer;
    private TestDatabase? _database;
    private Process? _service;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _issuer = builder.Build();
        var key = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(TestTokens.SigningKey);
        var keys = JsonSerializer.Serialize(new { keys = new[] { new { kty = key.Kty, crv = key.Crv, x = key.X, y = key.Y, kid = key.Kid, use = "sig", alg = "ES256" } } });
        _issuer.MapGet("/keys", () => Results.Text(keys, "application/json"));
        await _issuer.StartAsync();
        _database = await TestDatabase.CreateAsync("policy");
        _client.BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}"));
        var token = new TestToken { Subject = _account.ToString(), Scopes = [ApiScopes.PolicyAuthorize] };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.Issue(token, DateTimeOffset.UtcNow));
    }

    public async Task DisposeAsync()
    {
        await KillAsync();
        _client.Dispose();
        await _issuer!.DisposeAsync();
        await _database!.DisposeAsync();
    }

    [Fact]
    public async Task Killed_in_the_middle_of_calls_it_has_let_no_more_pass_and_goes_on_where_it_was()
    {
        await StartAsync();
        // Killed once some of the calls were answered and others were not.
        var answered = 0;
        var kill = new TaskCompletionSource();
        var first = Task.WhenAll(Enumerable.Range(0, 200).Select(async _ =>
        {
            var hold = await AskAsync();
            if (Interlocked.Increment(ref answered) == 20)
            {
                kill.TrySetResult();
            }

            return hold;
        }));
        await kill.Task;
        await KillAsync();
        var before = (await first).OfType<Guid>().ToList();

        await StartAsync();
        var after = (await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => AskAsync()))).OfType<Guid>().ToList();

        // Calls that were held and whose answer was lost hold until their time is over: never more, and together with them exactly what there is room for.
        var (used, held) = await StandingAsync();
        Assert.InRange(before.Count + after.Count, 1, Room);
        Assert.Equal((0, Room), (used, held));
        // What was held before the crash is settled after it.
        foreach (var hold in before.Take(5).Concat(after.Take(5)))
        {
            using var settled = await PostAsync($"holds/{hold}/commit", """{"eventId":"e1"}""");
            Assert.Equal(HttpStatusCode.OK, settled!.StatusCode);
        }

        Assert.Null(await AskAsync());
    }

    private async Task StartAsync()
    {
        var service = typeof(Program).Assembly.Location;
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { service },
            WorkingDirectory = Path.GetDirectoryName(service)!,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Test",
                ["ASPNETCORE_URLS"] = _client.BaseAddress!.ToString(),
                ["ConnectionStrings__policy-db"] = _database!.ConnectionString,
                ["ConnectionStrings__redis"] = await TestServers.RedisAsync(),
                ["ConnectionStrings__rabbitmq"] = await TestServers.RabbitMqAsync(),
                ["Database__MigrateOnStart"] = "true",
                ["Authentication__Issuer"] = TestTokens.Issuer,
                ["Authentication__JwksAddress"] = $"{_issuer!.Urls.First()}/keys",
                ["Policy__Free__0__Meter"] = "llm.requests",
                ["Policy__Free__0__Window"] = "day",
                ["Policy__Free__0__Limit"] = Room.ToString(CultureInfo.InvariantCulture),
            },
        };
        _service = Process.Start(start)!;
        var output = new StringBuilder();
        _service.OutputDataReceived += (_, line) => output.AppendLine(line.Data);
        _service.ErrorDataReceived += (_, line) => output.AppendLine(line.Data);
        _service.BeginOutputReadLine();
        _service.BeginErrorReadLine();
        await Eventually.GetAsync(AnswersAsync, static answers => answers, "the service to answer");
    }

    private async Task<bool> AnswersAsync()
    {
        Assert.False(_service!.HasExited, "The service ended at its start.");
        using var response = await PostAsync("authorize", """{"feature":"chat","estimate":{"requests":0}}""");
        return response?.StatusCode == HttpStatusCode.OK
            && !(await response.Content.ReadAsStringAsync()).Contains("degraded", StringComparison.Ordinal);
    }

    private async Task KillAsync()
    {
        if (_service is { } service)
        {
            _service = null;
            service.Kill();
            await service.WaitForExitAsync();
            service.Dispose();
        }
    }

    private async Task<Guid?> AskAsync()
    {
        using var response = await PostAsync("authorize", """{"feature":"chat","ttlSeconds":3600}""");
        if (response?.StatusCode != HttpStatusCode.OK)
        {
            return null;
        }

        var answer = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
        return answer.GetProperty("holdId") is { ValueKind: JsonValueKind.String } hold ? hold.GetGuid() : null;
    }

    private async Task<(long Used, long Held)> StandingAsync()
    {
        using var response = await PostAsync("authorize", """{"feature":"chat","estimate":{"requests":0}}""");
        var answer = JsonSerializer.Deserialize<JsonElement>(await response!.Content.ReadAsStringAsync());
        var line = answer.GetProperty("limits").EnumerateArray().Single(limit => limit.GetProperty("unit").GetString() == "llm.requests");
        return (line.GetProperty("used").GetInt64(), line.GetProperty("held").GetInt64());
    }

    private async Task<HttpResponseMessage?> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        try
        {
            return await _client.PostAsync(new Uri($"/api/policy/{path}", UriKind.Relative), content);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return null;
        }
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
