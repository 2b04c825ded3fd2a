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

/// <summary>The service as a process of its own, with a database of its own, that a test kills with SIGKILL and begins again.</summary>
/// <param name="freeRequests">What everybody is allowed in a day without a plan.</param>
internal sealed class PolicyProcess(int freeRequests) : IAsyncDisposable
{
    private readonly Uri _address = new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePorts.Take()}"));
    private readonly List<HttpClient> _clients = [];
    private WebApplication? _issuer;
    private TestDatabase? _database;
    private Process? _service;
    private PolicyCaller? _probe;

    internal string ConnectionString => _database!.ConnectionString;

    /// <summary>A service that asks for somebody.</summary>
    /// <param name="account">The account.</param>
    /// <param name="user">The person in it.</param>
    /// <param name="feature">What for: counters of the platform are shared with other tests, those of a feature of one's own are not.</param>
    internal PolicyCaller Service(Guid account, Guid user, string feature) =>
        Caller(new TestToken { Subject = "agents", ClientId = "agents", Scopes = [ApiScopes.PolicyAuthorize] }, account, user, feature);

    /// <summary>Those who run the system.</summary>
    internal PolicyCaller Operator() => Caller(TestToken.Operator, Guid.Empty, Guid.Empty, string.Empty);

    private PolicyCaller Caller(TestToken token, Guid account, Guid user, string feature)
    {
        var client = new HttpClient { BaseAddress = _address, Timeout = TimeSpan.FromSeconds(60) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.Issue(token, DateTimeOffset.UtcNow));
        _clients.Add(client);
        return new PolicyCaller(client, account, user, feature);
    }

    internal async Task StartAsync()
    {
        await PrepareAsync();
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
                ["ASPNETCORE_URLS"] = _address.ToString(),
                ["ConnectionStrings__policy-db"] = ConnectionString,
                ["ConnectionStrings__redis"] = await TestServers.RedisAsync(),
                ["ConnectionStrings__rabbitmq"] = await TestServers.RabbitMqAsync(),
                ["Database__MigrateOnStart"] = "true",
                ["Authentication__Issuer"] = TestTokens.Issuer,
                ["Authentication__JwksAddress"] = $"{_issuer!.Urls.First()}/keys",
                ["Policy__Free__0__Meter"] = "llm.requests",
                ["Policy__Free__0__Window"] = "day",
                ["Policy__Free__0__Limit"] = freeRequests.ToString(CultureInfo.InvariantCulture),
            },
        };
        _service = Process.Start(start)!;
        // What is not read would stop it at some time.
        _service.OutputDataReceived += static (_, _) => { };
        _service.ErrorDataReceived += static (_, _) => { };
        _service.BeginOutputReadLine();
        _service.BeginErrorReadLine();
        await Eventually.GetAsync(AnswersAsync, static answers => answers, "the service to answer");
    }

    internal async Task KillAsync()
    {
        if (_service is { } service)
        {
            _service = null;
            service.Kill();
            await service.WaitForExitAsync();
            service.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _clients.ForEach(client => client.Dispose());
        if (_issuer is not null)
        {
            await _issuer.DisposeAsync();
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    private async Task PrepareAsync()
    {
        if (_database is not null)
        {
            return;
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _issuer = builder.Build();
        var key = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(TestTokens.SigningKey);
        var keys = JsonSerializer.Serialize(new { keys = new[] { new { kty = key.Kty, crv = key.Crv, x = key.X, y = key.Y, kid = key.Kid, use = "sig", alg = "ES256" } } });
        _issuer.MapGet("/keys", () => Results.Text(keys, "application/json"));
        await _issuer.StartAsync();
        _database = await TestDatabase.CreateAsync("policy");
        _probe = Service(Guid.CreateVersion7(), Guid.CreateVersion7(), "probe");
    }

    private async Task<bool> AnswersAsync()
    {
        Assert.False(_service!.HasExited, "The service ended at its start.");
        return await _probe!.LookAsync() is (HttpStatusCode.OK, var answer) && !answer.TryGetProperty("degraded", out _);
    }
}

/// <summary>Calls the service that may be killed meanwhile.</summary>
/// <param name="client">With a token.</param>
/// <param name="account">For whom.</param>
/// <param name="user">The person in the account.</param>
/// <param name="feature">What for.</param>
internal sealed class PolicyCaller(HttpClient client, Guid account, Guid user, string feature)
{
    /// <summary>The answer; null when the service was killed before it came.</summary>
    internal async Task<(HttpStatusCode Status, JsonElement Body)?> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        try
        {
            using var response = await client.PostAsync(new Uri($"/api/{path}", UriKind.Relative), content);
            var text = await response.Content.ReadAsStringAsync();
            return (response.StatusCode, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return null;
        }
    }

    /// <summary>Asks for a call; null when it was refused or the service was killed.</summary>
    internal async Task<Guid?> AskAsync() =>
        await CountedAsync(() => PostAsync("policy/authorize", Question("\"ttlSeconds\":3600"))) is (HttpStatusCode.OK, var answer)
            && answer.GetProperty("holdId") is { ValueKind: JsonValueKind.String } hold
            ? hold.GetGuid()
            : null;

    /// <summary>Asks about nothing.</summary>
    internal Task<(HttpStatusCode Status, JsonElement Body)?> LookAsync() => PostAsync("policy/authorize", Question("\"estimate\":{\"requests\":0}"));

    /// <summary>Says what was consumed: as much as was granted.</summary>
    internal async Task<HttpStatusCode?> CommitAsync(Guid hold) => (await PostAsync($"policy/holds/{hold}/commit", $$"""{"subject":"{{account}}","eventId":"e1"}"""))?.Status;

    // On a busy machine Redis may answer late, and then a call is decided without counters.
    private static Task<(HttpStatusCode Status, JsonElement Body)?> CountedAsync(Func<Task<(HttpStatusCode Status, JsonElement Body)?>> ask) => Eventually.GetAsync(
        ask, static answer => answer is not { Status: HttpStatusCode.OK } counted || !counted.Body.TryGetProperty("degraded", out _), "an answer with counters");

    private string Question(string rest) => $$"""{"subject":"{{account}}","user":"{{user}}","feature":"{{feature}}",{{rest}}}""";

    /// <summary>Where every limit stands, by its name.</summary>
    internal async Task<Dictionary<string, (long Used, long Held)>> StandingAsync()
    {
        var answer = (await CountedAsync(LookAsync))!.Value.Body;
        return answer.GetProperty("limits").EnumerateArray().ToDictionary(
            line => line.GetProperty("code").GetString()!, line => (line.GetProperty("used").GetInt64(), line.GetProperty("held").GetInt64()));
    }
}
