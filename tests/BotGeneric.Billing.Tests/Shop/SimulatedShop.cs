using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;
using BotGeneric.Contracts.Identity;
using BotGeneric.Testing.Services;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Billing.Tests.Shop;

/// <summary>Billing with Paddle's simulator behind its real client, both in the test's process, deliveries included.</summary>
public sealed class SimulatedShop() : ServiceApplication<Program>("billing")
{
    /// <summary>Paddle.</summary>
    public SimulatedPaddle Paddle { get; } = SimulatedPaddle.Start();

    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["Paddle:WebhookSecrets:0"] = BillingApplication.Secret,
        ["Paddle:SignatureTolerance"] = "00:05:00",
        ["Paddle:ApiKey"] = SimulatedPaddle.ApiKey,
        ["Paddle:ApiUrl"] = Paddle.ApiUrl.ToString(),
        ["Billing:SettlingTime"] = "00:00:05",
        ["Billing:ReferenceKeys:0"] = "a key of tests that is long enough to sign references",
    };

    /// <summary>A client that is a person with the scopes to see and to change.</summary>
    /// <param name="person">The person.</param>
    public HttpClient Buyer(Guid person) => CreateClientFor(person, null, null, ApiScopes.BillingRead, ApiScopes.BillingWrite);

    /// <summary>Sells a plan at prices that are created at Paddle.</summary>
    /// <param name="code">The plan.</param>
    /// <param name="monthly">Minor units of USD for a month.</param>
    /// <param name="yearly">Minor units of USD for a year.</param>
    public async Task SellAsync(string code, long monthly, long yearly)
    {
        var (month, year) = (await PriceAsync(code, monthly, "month"), await PriceAsync(code, yearly, "year"));
        using var answer = await CreateOperatorClient().PutAsJsonAsync($"/api/admin/plans/{code}", new
        {
            name = new { en = code },
            entitlements = new[] { new { meter = "llm.requests", window = "day", limit = monthly } },
            prices = new object[]
            {
                new { interval = "month", amount = monthly / 100m, currency = "USD", paddlePriceId = month },
                new { interval = "year", amount = yearly / 100m, currency = "USD", paddlePriceId = year },
            },
        });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Sells a plan with a trial, at prices that a push makes.</summary>
    /// <param name="code">The plan.</param>
    /// <param name="monthly">Minor units of USD for a month.</param>
    /// <param name="trialDays">Days that are free at the beginning.</param>
    public async Task SellWithTrialAsync(string code, long monthly, int trialDays)
    {
        using var answer = await CreateOperatorClient().PutAsJsonAsync($"/api/admin/plans/{code}", new
        {
            name = new { en = code },
            trialDays,
            entitlements = new[] { new { meter = "llm.requests", window = "day", limit = monthly } },
            prices = new[] { new { interval = "month", amount = monthly / 100m, currency = "USD" } },
        });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        using var pushed = await CreateOperatorClient().PostAsJsonAsync("/api/admin/plans/push", new { plans = new[] { code } });
        Assert.True(pushed.IsSuccessStatusCode, await pushed.Content.ReadAsStringAsync());
    }

    /// <summary>The buyer pays on Paddle's page.</summary>
    /// <param name="checkout">The checkout.</param>
    /// <param name="card">The card.</param>
    /// <returns>What became of it.</returns>
    public async Task<JsonNode> PayAsync(JsonElement checkout, string card = "works")
    {
        var paid = await Paddle.ControlAsync(
            HttpMethod.Post, $"checkouts/{ShopApplication.TransactionOf(checkout)}", new { email = $"{Guid.CreateVersion7():N}@buyer.example", country = "US", card });
        await Paddle.SettleAsync();
        return paid;
    }

    /// <inheritdoc />
    protected override Task PrepareAsync()
    {
        Paddle.Receiver = () => Server.CreateHandler();
        return base.PrepareAsync();
    }

    /// <inheritdoc />
    protected override async Task ReleaseAsync()
    {
        await Paddle.DisposeAsync();
        await base.ReleaseAsync();
    }

    private async Task<string> PriceAsync(string code, long minor, string interval)
    {
        await using var scope = Services.CreateAsyncScope();
        var created = await scope.ServiceProvider.GetRequiredService<IPaddleClient>().CreatePriceAsync(
            new PaddlePriceCreation
            {
                ProductId = SimulatedPaddle.Product,
                Description = $"{code} by {interval}",
                UnitPrice = new PaddleMoney { Amount = PaddleAmount.FromMinorUnits(minor), CurrencyCode = "USD" },
                BillingCycle = new PaddleDuration(interval, 1),
            },
            CancellationToken.None);
        return created.OrThrow().Id;
    }
}
