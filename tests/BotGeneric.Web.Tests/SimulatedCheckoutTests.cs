using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace BotGeneric.Web.Tests;

/// <summary>The pages of the simulated Paddle, as a buyer uses them. What they do is tested with the simulator; here the browser has its say.</summary>
[Collection(WebSystem.Collection)]
public sealed class SimulatedCheckoutTests(WebSystem system)
{
    private const string DevelopmentPrice = "pri_01gsz8x8sawmvhz1pv30nge1ke";

    [Fact]
    public async Task A_buyer_sees_the_price_confirms_at_the_bank_and_comes_back_to_the_application()
    {
        using var paddle = Paddle();
        var transaction = await CreateAsync(paddle, "transactions", new { items = new[] { new { price_id = DevelopmentPrice, quantity = 1 } } });
        var page = await system.OpenBrowserAsync();

        await page.GotoAsync(transaction.GetProperty("checkout").GetProperty("url").GetString()!);
        await page.FillAsync("[name=email]", "browser@example.com");
        await page.SelectOptionAsync("[name=country]", "GB");
        await page.ClickAsync("button[value=identify]");
        await page.WaitForSelectorAsync("text=$5.00");
        await page.CheckAsync("[value=declined]");
        await page.ClickAsync("button:has-text('Pay')");
        await page.WaitForSelectorAsync("[role=alert]");
        await page.CheckAsync("[value=confirm]");
        await page.ClickAsync("button:has-text('Pay')");
        await page.ClickAsync("button[value=confirm]");
        await page.ArriveAsync(url => new Uri(url).Authority == system.Origin.Authority);

        var paid = await paddle.GetFromJsonAsync<JsonElement>($"transactions/{transaction.GetProperty("id").GetString()}");
        Assert.Equal("completed", paid.GetProperty("data").GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_customer_cancels_in_the_portal()
    {
        using var paddle = Paddle();
        using var control = new HttpClient { BaseAddress = system.Application.AddressOf("simulators") };
        using var played = await control.PostAsJsonAsync("/paddle/control/scenarios/subscription_creation", new { });
        var scenario = await played.Content.ReadFromJsonAsync<JsonElement>();
        var (customer, subscription) = (scenario.GetProperty("customerId").GetString(), scenario.GetProperty("subscriptionId").GetString());
        var session = await CreateAsync(paddle, $"customers/{customer}/portal-sessions", new { subscription_ids = new[] { subscription } });
        var page = await system.OpenBrowserAsync();

        await page.GotoAsync(session.GetProperty("urls").GetProperty("general").GetProperty("overview").GetString()!);
        await page.ClickAsync("button[value=cancel]");
        await page.WaitForSelectorAsync("text=cancel on");

        Assert.Equal(0, await page.Locator("button[value=cancel]").CountAsync());
    }

    private HttpClient Paddle()
    {
        var paddle = new HttpClient { BaseAddress = new Uri(system.Application.AddressOf("simulators"), "/paddle/api/") };
        paddle.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", system.Application.State.Parameters["simulated-paddle-api-key"]);
        paddle.DefaultRequestHeaders.Add("Paddle-Version", "1");
        return paddle;
    }

    private static async Task<JsonElement> CreateAsync(HttpClient paddle, string path, object body)
    {
        using var response = await paddle.PostAsJsonAsync(path, body);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");
    }
}
