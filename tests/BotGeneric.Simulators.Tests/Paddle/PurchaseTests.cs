using System.Net;

namespace BotGeneric.Simulators.Tests.Paddle;

/// <summary>Buying: the checkout, its events and what they say.</summary>
public sealed class PurchaseTests : IAsyncLifetime
{
    private static readonly string[] Purchase =
    [
        "transaction.created", "customer.created", "address.created", "transaction.updated", "transaction.ready", "transaction.updated", "transaction.paid",
        "subscription.created", "subscription.activated", "transaction.updated", "transaction.updated", "transaction.completed",
    ];

    private PaddleSimulatorHost _paddle = null!;

    public async Task InitializeAsync() => _paddle = await PaddleSimulatorHost.StartAsync();

    public async Task DisposeAsync() => await _paddle.DisposeAsync();

    [Fact]
    public async Task A_purchase_tells_the_documented_events_in_their_order()
    {
        var transaction = await _paddle.DataAsync(HttpMethod.Post, "transactions", Monthly(new { accountId = "a-1" }));
        Assert.Equal("draft", (string)transaction["status"]!);

        await PayAsync((string)transaction["id"]!);
        var envelopes = await _paddle.DeliveredAsync();

        Assert.Equal(Purchase, envelopes.Select(envelope => (string)envelope["event_type"]!));
        Assert.Equal(0, _paddle.Receiver.Forged);
        var times = envelopes.Select(envelope => DateTimeOffset.Parse((string)envelope["occurred_at"]!, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(times.Order(), times);
        Assert.Equal(times.Length, times.Distinct().Count());
        var created = envelopes.Single(envelope => (string)envelope["event_type"]! == "subscription.created")["data"]!;
        Assert.Equal((string)transaction["id"]!, (string)created["transaction_id"]!);
        Assert.Equal("a-1", (string)created["custom_data"]!["accountId"]!);
        Assert.False(created.AsObject().ContainsKey("management_urls"));
        Assert.All(
            envelopes.Where(envelope => (string)envelope["event_type"]! != "subscription.created"),
            envelope => Assert.False(envelope["data"]!.AsObject().ContainsKey("transaction_id")));
    }

    [Fact]
    public async Task A_completed_transaction_has_subscription_invoice_fees_and_sums_that_add_up()
    {
        var bought = await _paddle.BuyAsync(country: "GB", quantity: 2);

        var transaction = await _paddle.DataAsync(HttpMethod.Get, $"transactions/{bought.Transaction}");

        Assert.Equal("completed", (string)transaction["status"]!);
        Assert.Equal(bought.Subscription, (string)transaction["subscription_id"]!);
        Assert.NotNull((string?)transaction["invoice_number"]);
        var totals = transaction["details"]!["totals"]!;
        Assert.Equal(("5000", "1000", "6000"), ((string)totals["subtotal"]!, (string)totals["tax"]!, (string)totals["total"]!));
        Assert.Equal("0", (string)totals["balance"]!);
        Assert.Equal(6000 - 1000 - long.Parse((string)totals["fee"]!, null), long.Parse((string)totals["earnings"]!, null));
        Assert.Equal("captured", (string)transaction["payments"]![0]!["status"]!);
        Assert.Equal(HttpStatusCode.OK, (await _paddle.CallAsync(HttpMethod.Get, $"transactions/{bought.Transaction}/invoice")).Status);
    }

    [Fact]
    public async Task A_known_buyer_is_not_created_again()
    {
        await PayAsync((string)(await _paddle.DataAsync(HttpMethod.Post, "transactions", Monthly()))["id"]!);
        await _paddle.DeliveredAsync();

        await PayAsync((string)(await _paddle.DataAsync(HttpMethod.Post, "transactions", Monthly()))["id"]!);

        var events = await _paddle.EventsAsync();
        Assert.DoesNotContain("customer.created", events);
        Assert.Contains("subscription.created", events);
    }

    [Fact]
    public async Task A_declined_card_leaves_the_transaction_ready_and_can_be_replaced()
    {
        var id = (string)(await _paddle.DataAsync(HttpMethod.Post, "transactions", Monthly()))["id"]!;

        var declined = await _paddle.ControlAsync(HttpMethod.Post, $"checkouts/{id}", new { card = "declined" });
        var failed = (await _paddle.DeliveredAsync()).Single(envelope => (string)envelope["event_type"]! == "transaction.payment_failed")["data"]!;
        var paid = await _paddle.ControlAsync(HttpMethod.Post, $"checkouts/{id}", new { card = "works" });

        Assert.Equal("declined", (string)declined["outcome"]!);
        Assert.Equal("ready", (string)failed["status"]!);
        Assert.Null(failed["subscription_id"]);
        Assert.Equal("paid", (string)paid["outcome"]!);
        var payments = (await _paddle.DataAsync(HttpMethod.Get, $"transactions/{id}"))["payments"]!.AsArray();
        Assert.Equal(["captured", "error"], payments.Select(payment => (string)payment!["status"]!));
    }

    [Fact]
    public async Task A_trial_costs_nothing_until_it_ends()
    {
        var price = await _paddle.PriceAsync("1500", trialDays: 14);
        await _paddle.DeliveredAsync();
        var id = (string)(await _paddle.DataAsync(HttpMethod.Post, "transactions", Items(price)))["id"]!;
        var paid = await _paddle.ControlAsync(HttpMethod.Post, $"checkouts/{id}", new { });
        var started = await _paddle.EventsAsync();

        await _paddle.AdvanceAsync(TimeSpan.FromDays(14));
        var ended = await _paddle.EventsAsync();

        Assert.Contains("subscription.trialing", started);
        Assert.DoesNotContain("subscription.activated", started);
        Assert.Equal("0", (string)(await _paddle.DataAsync(HttpMethod.Get, $"transactions/{id}"))["details"]!["totals"]!["total"]!);
        Assert.Equal("subscription.updated", ended[0]);
        Assert.Equal("subscription.activated", ended[^1]);
        Assert.Contains("transaction.completed", ended);
        var subscription = await _paddle.DataAsync(HttpMethod.Get, $"subscriptions/{paid["subscriptionId"]}");
        Assert.Equal("active", (string)subscription["status"]!);
    }

    private static object Monthly(object? customData = null) => new
    {
        items = new[] { new { price_id = PaddleSimulatorHost.MonthlyPrice, quantity = 1 } },
        custom_data = customData,
    };

    private static object Items(string price) => new { items = new[] { new { price_id = price, quantity = 1 } } };

    private Task PayAsync(string transaction) => _paddle.ControlAsync(HttpMethod.Post, $"checkouts/{transaction}", new { email = "buyer@example.com", country = "US" });
}
