extern alias simulators;

using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;

namespace BotGeneric.Billing.Tests.Operations;

/// <summary>The simulated Paddle on a port of its own. What it delivers goes nowhere: a test that wants a notification to be missed has it missed.</summary>
public sealed class SimulatedPaddle : WebApplicationFactory<simulators::Program>
{
    public const string ApiKey = "pdl_sdbx_apikey_01gtgztp8f4kek3yd4g1wrksa3_q6TGTJyvoIz7LDtXT65bX7_AQO";

    private HttpClient? _http;

    private SimulatedPaddle()
    {
    }

    /// <summary>Where its API is.</summary>
    public Uri ApiUrl => new(Http.BaseAddress!, "/paddle/api/");

    private HttpClient Http => _http ??= CreateClient();

    public static SimulatedPaddle Start()
    {
        var paddle = new SimulatedPaddle();
        paddle.UseKestrel();
        paddle.StartServer();
        return paddle;
    }

    /// <summary>Calls the API; the call must succeed.</summary>
    public async Task<JsonNode> CallAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, $"/paddle/api/{path}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
        request.Headers.Add("Paddle-Version", "1");
        request.Content = body is null ? null : new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!["data"]!;
    }

    /// <summary>Asks the control API.</summary>
    public async Task<JsonNode> ControlAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, $"/paddle/control/{path}") { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    /// <summary>Somebody buys a price without a checkout of ours.</summary>
    public async Task<Bought> BuyAsync(string priceId, string country = "US")
    {
        var transaction = await CallAsync(HttpMethod.Post, "transactions", new { items = new[] { new { price_id = priceId, quantity = 1 } } });
        var id = (string)transaction["id"]!;
        var email = $"{id}@buyer.example";
        var paid = await ControlAsync(HttpMethod.Post, $"checkouts/{id}", new { email, country });
        Assert.Equal("paid", (string)paid["outcome"]!);
        return new Bought(id, (string)paid["subscriptionId"]!, (string)paid["customerId"]!, email);
    }

    /// <inheritdoc />
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Test");
        builder.UseSetting(WebHostDefaults.ServerUrlsKey, "http://127.0.0.1:0");
        builder.UseSetting("Paddle:WebhookSecret", BillingApplication.Secret);
        builder.UseSetting("Paddle:WebhookUrl", "http://127.0.0.1:9/nobody");
        builder.UseSetting("Paddle:ApiKey", ApiKey);
        builder.UseSetting("Paddle:RequestsPerMinute", "100000");
    }
}

/// <summary>What was bought.</summary>
public sealed record Bought(string Transaction, string Subscription, string Customer, string Email);
