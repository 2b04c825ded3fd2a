using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Billing.Data;
using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>Billing as a process with all that it works with, for tests that stop it at a step, kill it and look at what is left.</summary>
public sealed class CrashWorld : IAsyncLifetime
{
    private readonly Uri _address = BillingProcess.FreeAddress();
    private readonly HttpClient _client;
    private TestIssuer _issuer = null!;
    private Dictionary<string, string> _environment = [];
    private Process? _process;

    public CrashWorld() => _client = new HttpClient { BaseAddress = _address, Timeout = TimeSpan.FromSeconds(20) };

    internal TestDatabase Database { get; private set; } = null!;

    internal BrokerProxy Broker { get; private set; } = null!;

    internal Turnstiles Turnstiles { get; private set; } = null!;

    /// <summary>What consumers of payments get, repetitions included.</summary>
    public BrokerTap<PaymentCompleted> Payments { get; private set; } = null!;

    /// <summary>What consumers of subscriptions get, repetitions included.</summary>
    public BrokerTap<SubscriptionChanged> Subscriptions { get; private set; } = null!;

    /// <summary>What is known of a payer whose events met no crash.</summary>
    public string Undisturbed { get; private set; } = string.Empty;

    public async Task InitializeAsync()
    {
        _issuer = await TestIssuer.StartAsync();
        Database = await TestDatabase.CreateAsync("billing");
        Broker = await BrokerProxy.StartAsync();
        Turnstiles = new Turnstiles(Database);
        Payments = await BrokerTap<PaymentCompleted>.OpenAsync();
        Subscriptions = await BrokerTap<SubscriptionChanged>.OpenAsync();
        _environment = await BillingProcess.EnvironmentAsync(_address, Database, _issuer, Broker.ConnectionString);
        await StartAsync();
        await Turnstiles.InstallAsync();

        var (story, account) = Tell("calm");
        foreach (var told in story.Events)
        {
            Assert.True(await DeliverAsync(told));
        }

        await QuietAsync();
        Undisturbed = await DrawAsync(story, "calm", account);
    }

    public async Task DisposeAsync()
    {
        await KillAsync();
        _client.Dispose();
        await Payments.DisposeAsync();
        await Subscriptions.DisposeAsync();
        await Broker.DisposeAsync();
        await Database.DisposeAsync();
        await _issuer.DisposeAsync();
    }

    /// <summary>A first purchase at a checkout of ours: the same for everybody, but for the ids.</summary>
    internal static (PaddleStory Story, Guid Account) Tell(string prefix)
    {
        var account = Guid.CreateVersion7();
        return (PaddleStory.Tell(prefix, PaddleStory.OrdinarySeed, [], [BillingApplication.References.Create(Guid.CreateVersion7(), account)]), account);
    }

    /// <summary>Starts Billing unless it runs.</summary>
    internal async Task StartAsync()
    {
        if (_process is null)
        {
            _process = BillingProcess.Start(_environment);
            await BillingProcess.ReadyAsync(_client);
            _environment["Database__MigrateOnStart"] = "false";
        }
    }

    /// <summary><c>kill -9</c>.</summary>
    internal async Task KillAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            _process = null;
        }
    }

    /// <summary>Delivers once.</summary>
    /// <returns>Whether it was answered 200; Paddle delivers again when not.</returns>
    internal async Task<bool> DeliverAsync(StoryEvent told) => await BillingProcess.DeliverAsync(_client, told.Body) == true;

    /// <summary>Waits until everything that was stored is applied and told.</summary>
    internal async Task QuietAsync()
    {
        await Eventually.EqualAsync(0L, () => CountAsync("SELECT count(*) FROM paddle_inbox WHERE status NOT IN ('Applied', 'Superseded')"), "events that are not applied");
        await Eventually.EqualAsync(0L, () => CountAsync("SELECT count(*) FROM outbox"), "events that are not told");
    }

    internal async Task<long> CountAsync(string sql, string? parameter = null)
    {
        await using var connection = new NpgsqlConnection(Database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        if (parameter is not null)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        return (long)(await command.ExecuteScalarAsync())!;
    }

    internal async Task<string> DrawAsync(PaddleStory story, string prefix, Guid account)
    {
        await using var db = new BillingDbContext(new DbContextOptionsBuilder<BillingDbContext>().UseNpgsql(Database.ConnectionString).UseSnakeCaseNamingConvention().Options);
        return await Picture.DrawAsync(db, story, prefix, account);
    }

    /// <summary>What is left of all payments, in dollars, as an admin sees it.</summary>
    internal async Task<decimal> RevenueAsync()
    {
        var report = await GetAsync("/api/admin/transactions/revenue?from=2026-01-01&to=2026-12-01");
        return report.GetProperty("items").EnumerateArray().Where(month => month.GetProperty("currency").GetString() == "USD")
            .Sum(month => decimal.Parse(month.GetProperty("gross").GetString()!, CultureInfo.InvariantCulture));
    }

    /// <summary>A subscription as an admin sees it.</summary>
    internal async Task<JsonElement> SubscriptionAsync(string id) =>
        Assert.Single((await GetAsync($"/api/admin/subscriptions?search={id}")).GetProperty("items").EnumerateArray());

    private async Task<JsonElement> GetAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.Issue(TestToken.Operator, TimeProvider.System.GetUtcNow()));
        using var response = await _client.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}
