using System.Net;
using System.Text.Json;
using BotGeneric.Billing.Paddle.Client;
using BotGeneric.Billing.Tests.Shop;

namespace BotGeneric.Billing.Tests.Subscriptions;

public sealed class PlanChangeTests(ShopApplication application) : IClassFixture<ShopApplication>
{
    private const string Change = "/api/subscriptions/current/change";
    private const string Preview = "/api/subscriptions/current/preview-change";
    private readonly Guid _person = Guid.CreateVersion7();

    [Theory]
    [InlineData("light", null, "pro", null, "prorated_immediately", "upgrade")]
    [InlineData("pro", null, "light", null, "prorated_next_billing_period", "downgrade")]
    [InlineData("pro", null, "pro", "year", "prorated_immediately", "renewal")]
    [InlineData("pro", "year", "light", "month", "prorated_immediately", "downgrade")]
    [InlineData("try", null, "pro", null, "do_not_bill", "upgrade")]
    public async Task How_a_change_is_charged_follows_from_its_direction(
        string from, string? fromInterval, string to, string? toInterval, string mode, string kind)
    {
        var buyer = application.Buyer(_person);
        var subscription = await application.BuyAsync(buyer, from, fromInterval);

        var preview = await ShopApplication.PostAsync(buyer, Preview, new { planCode = to, interval = toInterval });
        var changed = await ShopApplication.PostAsync(buyer, Change, new { planCode = to, interval = toInterval });

        Assert.Equal((mode, kind), (preview.GetProperty("proration").GetString(), preview.GetProperty("kind").GetString()));
        Assert.NotEmpty(preview.GetProperty("explanation").GetString()!);
        Assert.Equal(to, changed.GetProperty("planCode").GetString());
        var asked = Assert.IsType<PaddleSubscriptionChange>(application.Paddle.Calls.Last(call => call.Call == "update subscription").Request);
        Assert.Equal((mode, "prevent_change"), (asked.ProrationBillingMode, asked.OnPaymentFailure));
        Assert.Equal(to, (await ShopApplication.CurrentAsync(buyer)).GetProperty("planCode").GetString());
        Assert.Single(application.Paddle.Subscriptions[subscription.Id].Items);
    }

    [Fact]
    public async Task Amounts_are_exact_and_credits_may_be_negative()
    {
        var buyer = application.Buyer(_person);
        await application.BuyAsync(buyer, "light");

        var up = await ShopApplication.PostAsync(buyer, Preview, new { planCode = "pro" });

        Assert.Equal(["-5.00", "15.00", "10.00", "10.00", "30.00", "30.00"], Amounts(up));
        Assert.Equal("light", (await ShopApplication.CurrentAsync(buyer)).GetProperty("planCode").GetString());
        await ShopApplication.PostAsync(buyer, Change, new { planCode = "pro" });
        var down = await ShopApplication.PostAsync(buyer, Preview, new { planCode = "light" });
        Assert.Equal(["-15.00", "5.00", "-10.00", "0.00", "0.00", "10.00"], Amounts(down));
    }

    [Fact]
    public async Task What_else_is_subscribed_to_stays()
    {
        var buyer = application.Buyer(_person);
        var subscription = await application.BuyAsync(buyer, "light");
        // An add-on of which nobody here has heard.
        application.Paddle.Happen(subscription.Id, before => before with
        {
            Items = [.. before.Items, FakePaddle.ItemOf(application.Paddle.Prices["pri_addon"], 3, application.Clock.GetUtcNow())],
        });

        await ShopApplication.PostAsync(buyer, Change, new { planCode = "pro" });

        Assert.Equal(
            [(ShopApplication.ProMonthly, 1), ("pri_addon", 3)],
            application.Paddle.Subscriptions[subscription.Id].Items.Select(item => (item.Price.Id, item.Quantity)));
        var refused = await ShopApplication.PostAsync(buyer, Change, new { planCode = "pro", interval = "year" }, HttpStatusCode.Conflict);
        Assert.Equal("otherItems", refused.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_declined_payment_changes_nothing()
    {
        var buyer = application.Buyer(_person);
        await application.BuyAsync(buyer, "light");
        application.Paddle.Fail(Fault.Declined);

        var problem = await ShopApplication.PostAsync(buyer, Change, new { planCode = "pro" }, HttpStatusCode.PaymentRequired);

        Assert.Equal("subscription_payment_declined", problem.GetProperty("code").GetString());
        Assert.Equal("light", (await ShopApplication.CurrentAsync(buyer)).GetProperty("planCode").GetString());
    }

    [Fact]
    public async Task A_change_whose_answer_was_lost_is_made_once()
    {
        var buyer = application.Buyer(_person);
        await application.BuyAsync(buyer, "light");
        var before = application.Paddle.Calls.Count;
        application.Paddle.Fail(Fault.AnswerLost);

        var changed = await ShopApplication.PostAsync(buyer, Change, new { planCode = "pro" });

        Assert.Equal("pro", changed.GetProperty("planCode").GetString());
        Assert.Equal(before + 1, application.Paddle.Calls.Count);
    }

    [Theory]
    [InlineData("light", HttpStatusCode.Conflict, "same")]
    [InlineData("side", HttpStatusCode.Conflict, "otherProduct")]
    [InlineData("new", HttpStatusCode.ServiceUnavailable, "notPushed")]
    public async Task What_cannot_be_changed_to_says_why(string plan, HttpStatusCode expected, string code)
    {
        var buyer = application.Buyer(_person);
        await application.BuyAsync(buyer, "light");

        foreach (var path in new[] { Preview, Change })
        {
            var problem = await ShopApplication.PostAsync(buyer, path, new { planCode = plan }, expected);
            Assert.Equal(code, problem.GetProperty("code").GetString());
        }
    }

    [Fact]
    public async Task A_plan_that_is_not_sold_is_none_to_change_to()
    {
        var buyer = application.Buyer(_person);
        await application.BuyAsync(buyer, "light");

        await ShopApplication.PostAsync(buyer, Change, new { planCode = "gone" }, HttpStatusCode.BadRequest);
        await ShopApplication.PostAsync(buyer, Change, new { planCode = "light", interval = "year" }, HttpStatusCode.BadRequest);
    }

    private static List<string?> Amounts(JsonElement preview) =>
        [.. new[] { "credit", "charge", "result", "dueNow", "nextPayment", "recurring" }.Select(name => preview.GetProperty(name).GetProperty("amount").GetString())];
}
