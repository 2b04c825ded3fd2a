using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using BotGeneric.Testing;

namespace BotGeneric.Billing.Tests.Shop;

/// <summary>What a person does, from the first look to the end, with Paddle as strict as it is.</summary>
public sealed class JourneyTests(SimulatedShop shop) : IClassFixture<SimulatedShop>
{
    private const string Current = "/api/subscriptions/current";
    private readonly HttpClient _buyer = shop.Buyer(Guid.CreateVersion7());
    private readonly string _small = $"small-{Guid.CreateVersion7():N}";
    private readonly string _large = $"large-{Guid.CreateVersion7():N}";

    [Fact]
    public async Task Buy_change_pause_and_cancel()
    {
        await SubscribeAsync(_small);
        Assert.Equal(["changePlan", "cancelAtPeriodEnd", "cancelNow", "pause", "updatePayment", "portal"], Actions(await ShopApplication.CurrentAsync(_buyer)));

        var preview = await ShopApplication.PostAsync(_buyer, $"{Current}/preview-change", new { planCode = _large });
        Assert.Equal(("upgrade", "prorated_immediately"), (preview.GetProperty("kind").GetString(), preview.GetProperty("proration").GetString()));
        Assert.True(decimal.Parse(Amount(preview, "dueNow"), System.Globalization.CultureInfo.InvariantCulture) is > 0 and <= 20);
        Assert.Equal("30.00", Amount(preview, "recurring"));

        var upgraded = await ShopApplication.PostAsync(_buyer, $"{Current}/change", new { planCode = _large });
        Assert.Equal((_large, "30.00"), (upgraded.GetProperty("planCode").GetString(), Amount(upgraded, "price")));
        await shop.Paddle.SettleAsync();

        var yearly = await ShopApplication.PostAsync(_buyer, $"{Current}/change", new { planCode = _large, interval = "year" });
        Assert.Equal(("year", "300.00"), (yearly.GetProperty("interval").GetString(), Amount(yearly, "price")));

        var down = await ShopApplication.PostAsync(_buyer, $"{Current}/change", new { planCode = _small });
        Assert.Equal((_small, "year"), (down.GetProperty("planCode").GetString(), down.GetProperty("interval").GetString()));

        var paused = await ShopApplication.PostAsync(_buyer, $"{Current}/pause", new { });
        Assert.Equal("pause", paused.GetProperty("scheduledChange").GetProperty("action").GetString());
        await ShopApplication.PostAsync(_buyer, $"{Current}/undo", null);
        var canceled = await ShopApplication.PostAsync(_buyer, $"{Current}/cancel", new { });
        Assert.Equal("cancel", canceled.GetProperty("scheduledChange").GetProperty("action").GetString());
        await ShopApplication.PostAsync(_buyer, $"{Current}/undo", null);
        var over = await ShopApplication.PostAsync(_buyer, $"{Current}/cancel", new { when = "now" });
        Assert.Equal("canceled", over.GetProperty("status").GetString());

        await shop.Paddle.SettleAsync();
        Assert.Equal(JsonValueKind.Null, (await ShopApplication.CurrentAsync(_buyer)).ValueKind);
        await PaymentsAsync(count => count >= 3);
    }

    [Fact]
    public async Task A_trial_is_had_once()
    {
        await shop.SellWithTrialAsync(_small, 1000, trialDays: 14);
        var first = await ShopApplication.BeginAsync(_buyer, _small);
        Assert.Equal(14, first.GetProperty("trialDays").GetInt32());
        await shop.PayAsync(first);
        var trial = await Eventually.GetAsync(() => ShopApplication.CurrentAsync(_buyer), current => current.ValueKind == JsonValueKind.Object, "the trial");
        Assert.Equal("trialing", trial.GetProperty("status").GetString());
        await ShopApplication.PostAsync(_buyer, $"{Current}/cancel", new { when = "now" });
        await ShopApplication.PostAsync(_buyer, $"{Current}/cancel", new { when = "now" }, HttpStatusCode.Conflict);

        var second = await ShopApplication.BeginAsync(_buyer, _small);
        Assert.Equal(JsonValueKind.Null, second.GetProperty("trialDays").ValueKind);
        await shop.PayAsync(second);

        var paid = await AppearsAsync();
        Assert.Equal(("active", _small), (paid.GetProperty("status").GetString(), paid.GetProperty("planCode").GetString()));
        var payments = (await _buyer.GetFromJsonAsync<JsonElement>("/api/billing/transactions")).GetProperty("items");
        Assert.Equal("10.00", Amount(payments[0], "total"));
        var preview = await ShopApplication.PostAsync(_buyer, $"{Current}/pause", new { });
        Assert.Equal(JsonValueKind.Null, preview.GetProperty("nextPaymentAt").ValueKind);
    }

    [Fact]
    public async Task Another_plan_is_chosen_before_the_first_one_is_paid()
    {
        await shop.SellAsync(_small, 1000, 10000);
        var first = await ShopApplication.BeginAsync(_buyer, _small);
        var second = await ShopApplication.BeginAsync(_buyer, _small, "year");

        Assert.NotEqual(first.GetProperty("url").GetString(), second.GetProperty("url").GetString());
        Assert.Equal("paid", (string)(await shop.PayAsync(second))["outcome"]!);

        await AppearsAsync();
        using var done = await _buyer.GetAsync($"/api/subscriptions/checkout/{second.GetProperty("id").GetGuid()}");
        Assert.Equal("completed", (await done.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_connection_that_is_cut_after_the_work_makes_no_second_checkout_and_no_second_change()
    {
        await shop.SellAsync(_small, 1000, 10000);
        await shop.SellAsync(_large, 3000, 30000);
        await CutAsync("POST", "transactions");
        var checkout = await ShopApplication.BeginAsync(_buyer, _small);
        await shop.PayAsync(checkout);
        await AppearsAsync();

        await CutAsync("PATCH", "subscriptions");
        var changed = await ShopApplication.PostAsync(_buyer, $"{Current}/change", new { planCode = _large });

        Assert.Equal(_large, changed.GetProperty("planCode").GetString());
        await shop.Paddle.SettleAsync();
        await PaymentsAsync(count => count == 2);
    }

    [Fact]
    public async Task A_card_that_is_declined_at_an_upgrade_leaves_everything_as_it_was()
    {
        var paid = await SubscribeAsync(_small);
        await shop.Paddle.ControlAsync(HttpMethod.Put, $"customers/{paid["customerId"]}/card", new { declines = 1 });

        var problem = await ShopApplication.PostAsync(_buyer, $"{Current}/change", new { planCode = _large }, HttpStatusCode.PaymentRequired);

        Assert.Equal("subscription_payment_declined", problem.GetProperty("code").GetString());
        Assert.Equal(_small, (await ShopApplication.CurrentAsync(_buyer)).GetProperty("planCode").GetString());
    }

    [Fact]
    public async Task While_Paddle_renews_a_subscription_it_cannot_be_changed()
    {
        var paid = await SubscribeAsync(_small);
        await shop.Paddle.ControlAsync(
            HttpMethod.Put, $"subscriptions/{paid["subscriptionId"]}/lock", new { code = "subscription_locked_renewal" });

        var problem = await ShopApplication.PostAsync(_buyer, $"{Current}/change", new { planCode = _large }, HttpStatusCode.Conflict);

        Assert.Equal("subscription_locked_renewal", problem.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Links_and_invoices_come_from_Paddle()
    {
        await SubscribeAsync(_small);

        var portal = await ShopApplication.PostAsync(_buyer, $"{Current}/portal", null);
        var method = await _buyer.GetFromJsonAsync<JsonElement>($"{Current}/payment-method");
        var payment = (await _buyer.GetFromJsonAsync<JsonElement>("/api/billing/transactions")).GetProperty("items")[0];
        var receipt = await _buyer.GetFromJsonAsync<JsonElement>($"/api/billing/transactions/{payment.GetProperty("id").GetString()}/receipt");

        Assert.True(Uri.IsWellFormedUriString(portal.GetProperty("overview").GetString(), UriKind.Absolute));
        Assert.Contains("_ptxn=", method.GetProperty("url").GetString(), StringComparison.Ordinal);
        Assert.Equal("0.00", Amount(method, "amountDue"));
        Assert.True(Uri.IsWellFormedUriString(receipt.GetProperty("url").GetString(), UriKind.Absolute));
    }

    private async Task<JsonNode> SubscribeAsync(string plan)
    {
        await shop.SellAsync(_small, 1000, 10000);
        await shop.SellAsync(_large, 3000, 30000);
        var paid = await shop.PayAsync(await ShopApplication.BeginAsync(_buyer, plan));
        Assert.Equal("paid", (string)paid["outcome"]!);
        await AppearsAsync();
        return paid;
    }

    private Task<int> PaymentsAsync(Func<int, bool> condition) => Eventually.GetAsync(
        async () => (await _buyer.GetFromJsonAsync<JsonElement>("/api/billing/transactions")).GetProperty("items").GetArrayLength(), condition, "the payments");

    // What was delivered is stored at once and applied within moments.
    private Task<JsonElement> AppearsAsync() => Eventually.GetAsync(
        async () => (await ShopApplication.CurrentAsync(_buyer), (await _buyer.GetFromJsonAsync<JsonElement>("/api/billing/transactions")).GetProperty("items")) is var (current, payments)
            && payments.GetArrayLength() > 0 && payments[0].GetProperty("hasReceipt").GetBoolean() ? current : default,
        current => current.ValueKind == JsonValueKind.Object,
        "the subscription and its payment");

    private Task<JsonNode> CutAsync(string method, string path) =>
        shop.Paddle.ControlAsync(HttpMethod.Post, "api-faults", new { count = 1, method, path, cutAfterWork = true });

    private static List<string> Actions(JsonElement subscription) => [.. subscription.GetProperty("actions").EnumerateArray().Select(action => action.GetString()!)];

    private static string Amount(JsonElement of, string name) => of.GetProperty(name).GetProperty("amount").GetString()!;
}
