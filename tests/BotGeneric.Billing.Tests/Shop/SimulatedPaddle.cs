extern alias simulators;

using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Billing.Tests.Shop;

/// <summary>The simulated Paddle in the test's process, which delivers to Billing in the same process.</summary>
public sealed class SimulatedPaddle : WebApplicationFactory<simulators::Program>
{
    /// <summary>The key that is accepted.</summary>
    public const string ApiKey = "pdl_sdbx_apikey_01gtgztp8f4kek3yd4g1wrksa3_q6TGTJyvoIz7LDtXT65bX7_AQO";

    /// <summary>The product that is on sale at the start.</summary>
    public const string Product = "pro_01gsz4t5hdjse780zja8vvr7jg";

    /// <summary>Where notifications go, once there is somebody to get them.</summary>
    public Func<HttpMessageHandler>? Receiver { get; set; }

    /// <summary>Asks the control API.</summary>
    /// <param name="method">How.</param>
    /// <param name="path">What.</param>
    /// <param name="body">With what.</param>
    public async Task<JsonElement> ControlAsync(HttpMethod method, string path, object? body = null)
    {
        using var client = CreateClient();
        using var request = new HttpRequestMessage(method, $"/paddle/control/{path}") { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return text.Length == 0 ? default : JsonElement.Parse(text);
    }

    /// <summary>Waits until everything has been delivered.</summary>
    public async Task SettleAsync()
    {
        var state = await ControlAsync(HttpMethod.Get, "deliveries/settled?timeoutSeconds=30");
        Assert.True(state.GetProperty("settled").GetBoolean(), state.ToString());
    }

    /// <inheritdoc />
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Test");
        builder.UseSetting("Paddle:WebhookSecret", BillingApplication.Secret);
        builder.UseSetting("Paddle:WebhookUrl", "http://localhost/webhooks/paddle");
        builder.UseSetting("Paddle:CheckoutUrl", "https://pay.example/paddle/checkout");
        builder.UseSetting("Paddle:ApiKey", ApiKey);
        // By the name of the simulator's client: what is said for all clients counts less than what it says itself.
        builder.ConfigureTestServices(services => services.AddHttpClient("PaddleNotifications")
            .ConfigurePrimaryHttpMessageHandler(() => Receiver?.Invoke() ?? throw new InvalidOperationException("Nobody is there to deliver to.")));
    }
}
