using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Tests.Shop;

namespace BotGeneric.Billing.Tests.Subscriptions;

/// <summary>What a subscription costs and when it is paid next, as its owner sees it.</summary>
public sealed class ShownPriceTests(ShopApplication application) : IClassFixture<ShopApplication>
{
    private readonly Guid _person = Guid.CreateVersion7();

    [Fact]
    public async Task Of_two_amounts_in_one_currency_the_one_that_was_paid_is_shown_and_none_before_that()
    {
        var code = $"twin{Guid.CreateVersion7():N}"[..20];
        application.Paddle.Sell($"pri_{code}", "3000");
        var terms = new
        {
            name = new { en = "Twin" },
            visibility = "public",
            entitlements = Array.Empty<object>(),
            prices = new[]
            {
                new
                {
                    amount = 30.00m, currency = "USD", paddlePriceId = $"pri_{code}",
                    overrides = new[]
                    {
                        new { countries = new[] { "DE" }, amount = 28.00m, currency = "EUR" }, new { countries = new[] { "FR" }, amount = 29.00m, currency = "EUR" },
                    },
                },
            },
        };
        using var saved = await application.CreateOperatorClient().PutAsJsonAsync($"/api/admin/plans/{code}", terms);
        Assert.True(saved.IsSuccessStatusCode, await saved.Content.ReadAsStringAsync());
        var buyer = application.Buyer(_person);
        var subscription = await application.BuyAsync(buyer, code);
        await application.HearAsync(application.Paddle.Happen(subscription.Id, before => before with { CurrencyCode = "EUR" }));
        var before = (await ShopApplication.CurrentAsync(buyer)).GetProperty("price");

        await application.HearAsync(new PaddleTransaction
        {
            Id = $"txn_{code}",
            Status = "completed",
            CustomerId = subscription.CustomerId,
            SubscriptionId = subscription.Id,
            Origin = PaddleOrigins.SubscriptionRecurring,
            CurrencyCode = "EUR",
            Items = [new PaddleTransactionItem { Price = application.Paddle.Prices[$"pri_{code}"], Quantity = 1 }],
            Details = new PaddleTransactionDetails { Totals = new PaddleTotals { Subtotal = "2417", Tax = "483", Total = "2900", GrandTotal = "2900" } },
            UpdatedAt = application.Clock.GetUtcNow().AddMinutes(1),
        });

        var after = (await ShopApplication.CurrentAsync(buyer)).GetProperty("price");
        Assert.Equal(JsonValueKind.Null, before.ValueKind);
        Assert.Equal(("29.00", "EUR"), (after.GetProperty("amount").GetString(), after.GetProperty("currency").GetString()));
    }

    [Theory]
    [InlineData("pause", 0, false)]
    [InlineData("cancel", 0, false)]
    [InlineData("cancel", -3, false)]
    [InlineData("cancel", 3, true)]
    [InlineData("resume", 0, true)]
    public async Task No_payment_is_announced_for_a_day_on_which_a_pause_or_the_end_comes_first(string action, int days, bool isPaid)
    {
        var buyer = application.Buyer(_person);
        var subscription = await application.BuyAsync(buyer);
        // Paddle takes the day away with a cancellation; it says nothing of a pause.
        await application.HearAsync(application.Paddle.Happen(subscription.Id, before => before with
        {
            ScheduledChange = new PaddleScheduledChange { Action = action, EffectiveAt = before.NextBilledAt!.Value.AddDays(days) },
        }));

        var current = await ShopApplication.CurrentAsync(buyer);
        var seen = await application.CreateOperatorClient().GetFromJsonAsync<JsonElement>($"/api/admin/subscriptions/{current.GetProperty("id").GetString()}");

        Assert.Equal(isPaid, current.GetProperty("nextPaymentAt").ValueKind != JsonValueKind.Null);
        Assert.Equal(isPaid, seen.GetProperty("subscription").GetProperty("nextBilledAt").ValueKind != JsonValueKind.Null);
    }
}
