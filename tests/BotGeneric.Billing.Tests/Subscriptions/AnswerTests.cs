using System.Net;
using System.Text.Json;
using BotGeneric.Billing.Tests.Shop;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Tests.Subscriptions;

/// <summary>What Paddle has done is answered and noted, whatever is in the way here; and Paddle is asked once.</summary>
public sealed class AnswerTests(ShopApplication application) : IClassFixture<ShopApplication>
{
    private readonly Guid _person = Guid.CreateVersion7();

    [Theory]
    [InlineData("40P01")]
    [InlineData("40001")]
    [InlineData("23505")]
    public async Task Somebody_elses_change_at_the_same_moment_is_given_way_to(string sqlState)
    {
        var buyer = application.Buyer(_person);
        var bought = await application.BuyAsync(buyer);
        var calls = application.Paddle.Calls.Count;
        await using var trouble = await Trouble.BeginAsync(
            application.Database.ConnectionString, "subscriptions", $"NEW.paddle_id = '{bought.Id}'", Trouble.Error(sqlState), times: 2);

        var view = await ShopApplication.PostAsync(buyer, "/api/subscriptions/current/cancel", new { });

        Assert.Equal("cancel", view.GetProperty("scheduledChange").GetProperty("action").GetString());
        Assert.Equal(["subscription.cancelAtPeriodEnd"], await NotedAsync());
        Assert.Equal(calls + 1, application.Paddle.Calls.Count);
    }

    [Fact]
    public async Task A_connection_that_is_cut_is_made_again_and_nothing_is_noted_twice()
    {
        var buyer = application.Buyer(_person);
        var bought = await application.BuyAsync(buyer);
        await using var trouble = await Trouble.BeginAsync(
            application.Database.ConnectionString, "subscriptions", $"NEW.paddle_id = '{bought.Id}'", Trouble.Cut, times: 1);

        await ShopApplication.PostAsync(buyer, "/api/subscriptions/current/pause", new { });

        Assert.Equal(["subscription.pause"], await NotedAsync());
    }

    [Fact]
    public async Task What_cannot_be_taken_over_at_all_is_done_and_noted_nevertheless()
    {
        var buyer = application.Buyer(_person);
        var bought = await application.BuyAsync(buyer);
        await using (await Trouble.BeginAsync(application.Database.ConnectionString, "subscriptions", $"NEW.paddle_id = '{bought.Id}'", Trouble.Error("22000")))
        {
            await ShopApplication.PostAsync(buyer, "/api/subscriptions/current/cancel", new { when = "now" });
            Assert.Equal(["subscription.cancelNow"], await NotedAsync());
        }

        // Its delivery brings it.
        Assert.Equal("active", (await ShopApplication.CurrentAsync(buyer)).GetProperty("status").GetString());
        await application.HearAsync(application.Paddle.Subscriptions[bought.Id]);
        Assert.Equal(JsonValueKind.Null, (await ShopApplication.CurrentAsync(buyer)).ValueKind);
    }

    [Fact]
    public async Task What_Paddle_refuses_stays_its_refusal_when_its_state_cannot_be_taken_over()
    {
        var buyer = application.Buyer(_person);
        var bought = await application.BuyAsync(buyer);
        application.Paddle.Fail(Fault.Declined);
        await using var trouble = await Trouble.BeginAsync(
            application.Database.ConnectionString, "subscriptions", $"NEW.paddle_id = '{bought.Id}'", Trouble.Error("22000"));
        application.Paddle.Happen(bought.Id, subscription => subscription with { ScheduledChange = null });

        await ShopApplication.PostAsync(buyer, "/api/subscriptions/current/change", new { planCode = "light" }, HttpStatusCode.PaymentRequired);
    }

    [Fact]
    public async Task A_checkout_can_be_paid_although_its_transaction_cannot_be_taken_over()
    {
        var buyer = application.Buyer(_person);
        await using var trouble = await Trouble.BeginAsync(application.Database.ConnectionString, "transactions", "true", Trouble.Error("22000"));

        var checkout = await ShopApplication.BeginAsync(buyer);

        Assert.Equal("open", checkout.GetProperty("status").GetString());
        Assert.NotNull(checkout.GetProperty("url").GetString());
        Assert.Equal(HttpStatusCode.OK, (await buyer.GetAsync($"/api/subscriptions/checkout/{checkout.GetProperty("id").GetGuid()}")).StatusCode);
    }

    private Task<List<string>> NotedAsync() => application.WithDbAsync(db =>
        db.AuditEntries.Where(row => row.AccountId == _person).OrderBy(row => row.Id).Select(row => row.Action).ToListAsync());
}
