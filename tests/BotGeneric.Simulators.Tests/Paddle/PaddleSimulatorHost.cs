using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace BotGeneric.Simulators.Tests.Paddle;

/// <summary>The simulated Paddle in the test's process, what it delivers, and a client that behaves like the service's.</summary>
public sealed class PaddleSimulatorHost : WebApplicationFactory<Program>
{
    /// <summary>The key that is accepted.</summary>
    public const string ApiKey = "pdl_sdbx_apikey_01gtgztp8f4kek3yd4g1wrksa3_q6TGTJyvoIz7LDtXT65bX7_AQO";

    /// <summary>The price that is on sale at the start: 30 USD a month.</summary>
    public const string MonthlyPrice = "pri_01gsz8x8sawmvhz1pv30nge1ke";

    private readonly Dictionary<string, string> _settings = [];
    private readonly ErrorLog _errors = new();
    private HttpClient? _client;

    private PaddleSimulatorHost(WebhookReceiver receiver) => Receiver = receiver;

    /// <summary>What was delivered.</summary>
    public WebhookReceiver Receiver { get; }

    /// <summary>The machine's clock.</summary>
    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));

    /// <summary>A client that shows redirects as they are.</summary>
    public HttpClient Http => _client ??= CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });

    /// <summary>Starts one.</summary>
    public static async Task<PaddleSimulatorHost> StartAsync(params (string Key, string Value)[] settings)
    {
        var host = new PaddleSimulatorHost(await WebhookReceiver.StartAsync());
        host._settings["Paddle:WebhookSecret"] = WebhookReceiver.Secret;
        host._settings["Paddle:WebhookUrl"] = host.Receiver.Address;
        host._settings["Paddle:ApiKey"] = ApiKey;
        host._settings["Paddle:Seed"] = "7";
        foreach (var (key, value) in settings)
        {
            host._settings[key] = value;
        }

        return host;
    }

    /// <summary>Calls the API as the service does.</summary>
    public async Task<(HttpStatusCode Status, JsonObject Json)> CallAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, $"/paddle/api/{path}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
        request.Headers.Add("Paddle-Version", "1");
        if (body is not null)
        {
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), System.Text.Encoding.UTF8, "application/json");
        }

        using var response = await Http.SendAsync(request);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject());
    }

    /// <summary>Calls the API; the call must succeed.</summary>
    public async Task<JsonNode> DataAsync(HttpMethod method, string path, object? body = null)
    {
        var (status, json) = await CallAsync(method, path, body);
        Assert.True((int)status is >= 200 and < 300, json.ToJsonString());
        return json["data"]!;
    }

    /// <summary>Calls the API; the call must be refused.</summary>
    public async Task<string> RefusedAsync(HttpMethod method, string path, object? body = null, int status = 400)
    {
        var (actual, json) = await CallAsync(method, path, body);
        Assert.True((int)actual == status, json.ToJsonString());
        return (string)json["error"]!["code"]!;
    }

    /// <summary>Asks the control API.</summary>
    public async Task<JsonNode> ControlAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, $"/paddle/control/{path}") { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text + _errors);
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    /// <summary>Waits until everything has been delivered, and gives what came since the last time.</summary>
    public async Task<IReadOnlyList<JsonObject>> DeliveredAsync()
    {
        var state = await ControlAsync(HttpMethod.Get, "deliveries/settled?timeoutSeconds=90");
        Assert.True((bool)state["settled"]!, state.ToJsonString());
        return Receiver.Take();
    }

    /// <summary>The names of what came since the last time.</summary>
    public async Task<string[]> EventsAsync() => [.. (await DeliveredAsync()).Select(envelope => (string)envelope["event_type"]!)];

    /// <summary>Buys a subscription and forgets the events.</summary>
    public async Task<Bought> BuyAsync(string price = MonthlyPrice, string country = "US", int quantity = 1, string card = "works", object? customData = null)
    {
        var transaction = await DataAsync(HttpMethod.Post, "transactions", new { items = new[] { new { price_id = price, quantity } }, custom_data = customData });
        var id = (string)transaction["id"]!;
        var paid = await ControlAsync(HttpMethod.Post, $"checkouts/{id}", new { email = $"{id}@buyer.example", country, card });
        Assert.Equal("paid", (string)paid["outcome"]!);
        await DeliveredAsync();
        return new Bought(id, (string)paid["subscriptionId"]!, (string)paid["customerId"]!);
    }

    /// <summary>Registers a price of the product that is on sale at the start.</summary>
    public async Task<string> PriceAsync(string amount, string currency = "USD", string? interval = "month", int? trialDays = null, object? overrides = null)
    {
        var price = await DataAsync(HttpMethod.Post, "prices", new
        {
            product_id = "pro_01gsz4t5hdjse780zja8vvr7jg",
            description = "Another",
            unit_price = new { amount, currency_code = currency },
            billing_cycle = interval is null ? null : new { interval, frequency = 1 },
            trial_period = trialDays is null ? null : new { interval = "day", frequency = trialDays },
            unit_price_overrides = overrides ?? Array.Empty<object>(),
        });
        return (string)price["id"]!;
    }

    /// <summary>Moves the simulator's clock.</summary>
    public Task<JsonNode> AdvanceAsync(TimeSpan by) => ControlAsync(HttpMethod.Post, "clock", new { advanceBy = by });

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Receiver.DisposeAsync();
    }

    /// <inheritdoc />
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Test");
        foreach (var (key, value) in _settings)
        {
            builder.UseSetting(key, value);
        }

        builder.ConfigureLogging(logging => logging.AddProvider(_errors));
        builder.ConfigureTestServices(services => services.AddSingleton<TimeProvider>(Clock));
    }
}

/// <summary>What was bought.</summary>
/// <param name="Transaction">The purchase.</param>
/// <param name="Subscription">The subscription.</param>
/// <param name="Customer">The buyer.</param>
public sealed record Bought(string Transaction, string Subscription, string Customer);
