extern alias simulators;

using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Billing.Tests;

/// <summary>
/// The simulated Paddle, in the test's process and on a port of its own. What it tells goes to <see cref="Receiver"/>; without one it is missed, and Billing learns of it by a comparison.
/// </summary>
public sealed class SimulatedPaddle : WebApplicationFactory<simulators::Program>
{
    /// <summary>The key that is accepted.</summary>
    public const string ApiKey = "pdl_sdbx_apikey_01gtgztp8f4kek3yd4g1wrksa3_q6TGTJyvoIz7LDtXT65bX7_AQO";

    /// <summary>The product that is on sale at the start.</summary>
    public const string Product = "pro_01gsz4t5hdjse780zja8vvr7jg";

    private HttpClient? _http;

    private SimulatedPaddle()
    {
    }

    /// <summary>Where its API is.</summary>
    public Uri ApiUrl => new(Http.BaseAddress!, "/paddle/api/");

    /// <summary>Where notifications go, once there is somebody to get them.</summary>
    public Func<HttpMessageHandler>? Receiver { get; set; }

    private HttpClient Http => _http ??= CreateClient();

    /// <summary>Starts one.</summary>
    public static SimulatedPaddle Start()
    {
        var paddle = new SimulatedPaddle();
        paddle.UseKestrel();
        paddle.StartServer();
        return paddle;
    }

    /// <summary>Calls the API; the call must succeed.</summary>
    /// <param name="method">How.</param>
    /// <param name="path">What.</param>
    /// <param name="body">With what.</param>
    /// <returns>The answer's data.</returns>
    public async Task<JsonNode> CallAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, $"/paddle/api/{path}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
        request.Headers.Add("Paddle-Version", "1");
        request.Content = body is null ? null : new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        return (await SendAsync(request))["data"]!;
    }

    /// <summary>Asks the control API.</summary>
    /// <param name="method">How.</param>
    /// <param name="path">What.</param>
    /// <param name="body">With what.</param>
    /// <returns>The answer; an empty object when it has no content.</returns>
    public async Task<JsonNode> ControlAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, $"/paddle/control/{path}") { Content = body is null ? null : JsonContent.Create(body) };
        return await SendAsync(request);
    }

    /// <summary>Waits until everything has been delivered.</summary>
    public async Task SettleAsync()
    {
        var state = await ControlAsync(HttpMethod.Get, "deliveries/settled?timeoutSeconds=90");
        Assert.True((bool)state["settled"]!, state.ToJsonString());
    }

    /// <summary>Somebody buys a price without a checkout of ours.</summary>
    /// <param name="priceId">The price.</param>
    /// <param name="country">Where the buyer is.</param>
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
        builder.UseSetting("Paddle:WebhookUrl", "http://localhost/webhooks/paddle");
        builder.UseSetting("Paddle:CheckoutUrl", "https://pay.example/paddle/checkout");
        builder.UseSetting("Paddle:ApiKey", ApiKey);
        builder.UseSetting("Paddle:RequestsPerMinute", "100000");
        // By the name of the simulator's client: what is said for all clients counts less than what it says itself.
        builder.ConfigureTestServices(services => services.AddHttpClient("PaddleNotifications")
            .ConfigurePrimaryHttpMessageHandler(() => Receiver?.Invoke() ?? new Nobody()));
    }

    private async Task<JsonNode> SendAsync(HttpRequestMessage request)
    {
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    private sealed class Nobody : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotFound));
    }
}

/// <summary>What was bought.</summary>
/// <param name="Transaction">The purchase.</param>
/// <param name="Subscription">The subscription.</param>
/// <param name="Customer">The buyer.</param>
/// <param name="Email">The buyer's address.</param>
public sealed record Bought(string Transaction, string Subscription, string Customer, string Email);
