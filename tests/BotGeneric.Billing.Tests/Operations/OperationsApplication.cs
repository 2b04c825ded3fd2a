using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Billing.Paddle.Client;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Billing.Tests.Operations;

/// <summary>Billing with two plans that nobody has pushed, beside a simulated Paddle of its own.</summary>
public class OperationsApplication() : ServiceApplication<Program>("billing")
{
    /// <summary>The simulated Paddle.</summary>
    public SimulatedPaddle Paddle { get; } = SimulatedPaddle.Start();

    /// <summary>What of Paddle's answers cannot be read when it is listed.</summary>
    public Damage Damage { get; } = new();

    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["Paddle:WebhookSecrets:0"] = BillingApplication.Secret,
        ["Paddle:SignatureTolerance"] = "00:05:00",
        ["Paddle:Environment"] = "Sandbox",
        ["Paddle:ApiKey"] = SimulatedPaddle.ApiKey,
        ["Paddle:ApiUrl"] = Paddle.ApiUrl.ToString(),
        ["Paddle:RequestsPerMinute"] = "240",
        ["Billing:ReferenceKeys:0"] = "only-for-tests-0123456789-0123456789",
        ["Billing:Reconciliation:Enabled"] = "false",
        ["Billing:InitialPlans:pro:Name:En"] = "Pro",
        ["Billing:InitialPlans:pro:TrialDays"] = "14",
        ["Billing:InitialPlans:pro:SortOrder"] = "1",
        ["Billing:InitialPlans:pro:Entitlements:0:Meter"] = "llm.requests",
        ["Billing:InitialPlans:pro:Entitlements:0:Window"] = "day",
        ["Billing:InitialPlans:pro:Entitlements:0:Limit"] = "1000",
        ["Billing:InitialPlans:pro:Prices:0:Amount"] = "30.00",
        ["Billing:InitialPlans:pro:Prices:0:Currency"] = "USD",
        ["Billing:InitialPlans:pro:Prices:0:Overrides:0:Countries:0"] = "DE",
        ["Billing:InitialPlans:pro:Prices:0:Overrides:0:Amount"] = "28.00",
        ["Billing:InitialPlans:pro:Prices:0:Overrides:0:Currency"] = "EUR",
        ["Billing:InitialPlans:team:Name:En"] = "Team",
        ["Billing:InitialPlans:team:SortOrder"] = "2",
        ["Billing:InitialPlans:team:Entitlements:0:Meter"] = "llm.requests",
        ["Billing:InitialPlans:team:Entitlements:0:Window"] = "day",
        ["Billing:InitialPlans:team:Entitlements:0:Limit"] = "5000",
        ["Billing:InitialPlans:team:Prices:0:Amount"] = "90.00",
        ["Billing:InitialPlans:team:Prices:0:Currency"] = "USD",
    };

    /// <summary>Pushes everything.</summary>
    public async Task<JsonElement> PushAsync(object? body = null) => await PostAsync("/api/admin/plans/push", body ?? new { });

    /// <summary>Compares with Paddle and waits for the end.</summary>
    public async Task<JsonElement> ReconcileAsync(bool full = false)
    {
        var begun = await PostAsync("/api/admin/paddle/reconciliation", new { full }, HttpStatusCode.Accepted);
        return await Eventually.GetAsync(
            () => GetAsync($"/api/admin/paddle/reconciliation/{begun.GetProperty("id").GetString()}"),
            run => run.GetProperty("status").GetString() != "running",
            "the end of the comparison");
    }

    /// <summary>The Paddle price of a plan that was pushed.</summary>
    public async Task<string> PriceOfAsync(string plan)
    {
        var read = await GetAsync($"/api/admin/plans/{plan}");
        return read.GetProperty("prices")[0].GetProperty("paddlePriceId").GetString()!;
    }

    /// <summary>Somebody buys a plan, and Billing learns of it by a comparison.</summary>
    public async Task<Bought> BuyAsync(string plan)
    {
        await PushAsync();
        var bought = await Paddle.BuyAsync(await PriceOfAsync(plan));
        Assert.Equal("completed", (await ReconcileAsync()).GetProperty("status").GetString());
        return bought;
    }

    /// <summary>The subscription, as admins see it.</summary>
    public async Task<JsonElement> SubscriptionAsync(Bought bought)
    {
        var found = await GetAsync($"/api/admin/subscriptions?search={bought.Subscription}");
        return Assert.Single(found.GetProperty("items").EnumerateArray());
    }

    public async Task<JsonElement> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var client = CreateOperatorClient();
        using var response = await client.GetAsync(path);
        return await ReadAsync(response, expected);
    }

    public async Task<JsonElement> PostAsync(string path, object body, HttpStatusCode expected = HttpStatusCode.OK, string? idempotencyKey = null)
    {
        using var client = CreateOperatorClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        using var response = await client.SendAsync(request);
        return await ReadAsync(response, expected);
    }

    public async Task<JsonElement> PutAsync(string path, object body, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var client = CreateOperatorClient();
        using var response = await client.PutAsJsonAsync(path, body);
        return await ReadAsync(response, expected);
    }

    public async Task DeleteAsync(string path, HttpStatusCode expected = HttpStatusCode.NoContent)
    {
        using var client = CreateOperatorClient();
        using var response = await client.DeleteAsync(path);
        Assert.Equal(expected, response.StatusCode);
    }

    /// <summary>Runs a statement, as an error of ours or a hand at the database would.</summary>
    public async Task<int> ExecuteAsync(string sql)
    {
        _ = Server;
        await using var connection = new Npgsql.NpgsqlConnection(Database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>Reads one value.</summary>
    public async Task<T> ScalarAsync<T>(string sql)
    {
        _ = Server;
        await using var connection = new Npgsql.NpgsqlConnection(Database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <inheritdoc />
    protected override void ConfigureServices(IServiceCollection services) =>
        services.AddHttpClient(nameof(PaddleTransport)).AddHttpMessageHandler(() => new DamageHandler(Damage));

    /// <inheritdoc />
    protected override async Task ReleaseAsync() => await Paddle.DisposeAsync();

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, HttpStatusCode expected)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"{(int)response.StatusCode} {text}");
        return text.Length == 0 ? default : JsonElement.Parse(text);
    }
}
