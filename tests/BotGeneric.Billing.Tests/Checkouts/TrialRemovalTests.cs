using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Tests.Shop;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Tests.Checkouts;

/// <summary>A plan has its trial no more, and nothing was pushed since: at Paddle the price has it still.</summary>
public sealed class TrialRemovalTests(ShopApplication application) : IClassFixture<ShopApplication>
{
    [Fact]
    public async Task Nobody_gets_a_trial_that_the_plan_has_no_more()
    {
        using var client = application.CreateOperatorClient();
        await LinkAsync(ShopApplication.TryMonthlyWithoutTrial);
        using var answer = await client.PutAsJsonAsync("/api/admin/plans/try", new
        {
            name = new { en = "Try" },
            prices = new[] { new { amount = 5m, currency = "USD", paddlePriceId = ShopApplication.TryMonthly } },
        });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var buyer = application.Buyer(Guid.CreateVersion7());

        var checkout = await ShopApplication.BeginAsync(buyer, "try");
        var couldBeBought = await CanBeBoughtAsync();
        await LinkAsync(null);
        await application.WithDbAsync(async db =>
        {
            db.CatalogueEntries.Add(new CatalogueEntry
            {
                PaddleId = ShopApplication.TryMonthly,
                Status = "active",
                Data = $$"""{ "id": "{{ShopApplication.TryMonthly}}", "product_id": "pro_1", "unit_price": { "amount": "500", "currency_code": "USD" }, "trial_period": { "interval": "day", "frequency": 14 } }""",
                LastEventAt = application.Clock.GetUtcNow(),
            });
            return await db.SaveChangesAsync();
        });
        var problem = await ShopApplication.PostAsync(
            application.Buyer(Guid.CreateVersion7()), "/api/subscriptions/checkout", new { planCode = "try" }, HttpStatusCode.ServiceUnavailable);

        Assert.Equal(JsonValueKind.Null, checkout.GetProperty("trialDays").ValueKind);
        Assert.Equal(ShopApplication.TryMonthlyWithoutTrial, application.Paddle.Transactions[ShopApplication.TransactionOf(checkout)].Items.Single().Price!.Id);
        Assert.Equal("notPushed", problem.GetProperty("code").GetString());
        Assert.Equal((true, false), (couldBeBought, await CanBeBoughtAsync()));
    }

    private async Task<bool> CanBeBoughtAsync()
    {
        using var anybody = application.CreateClient();
        var plan = await anybody.GetFromJsonAsync<JsonElement>("/api/plans/try");
        return plan.GetProperty("prices")[0].GetProperty("canBeBought").GetBoolean();
    }

    private Task<int> LinkAsync(string? paddleId) => application.WithDbAsync(db => db.Prices
        .Where(price => price.PlanCode == "try")
        .ExecuteUpdateAsync(row => row.SetProperty(price => price.PaddleIdWithoutTrial, paddleId)));
}
