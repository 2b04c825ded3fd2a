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
        var invoice = await _paddle.DataAsync(HttpMethod.Get, $"transactions/{bought.Transaction}/invoice");
        Assert.Contains("$60.00", await _paddle.Http.GetStringAsync(new Uri((string)invoice["url"]!).PathAndQuery), StringComparison.Ordinal);
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

    [Fact]
    public async Task Many_buyers_at_once_do_not_disturb_one_another()
    {
        var bought = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => _paddle.ControlAsync(HttpMethod.Post, "scenarios/subscription_creation", new { })));

        var envelopes = await _paddle.DeliveredAsync();

        Assert.Equal(16, bought.Select(scenario => (string)scenario["subscriptionId"]!).Distinct().Count());
        Assert.Equal(Enumerable.Repeat(Purchase, 16).SelectMany(events => events), envelopes.Select(envelope => (string)envelope["event_type"]!));
        Assert.Equal(envelopes.Count, envelopes.Select(envelope => (string)envelope["event_id"]!).Distinct().Count());
    }

    [Fact]
    public async Task With_a_seed_the_ids_are_the_same_in_every_run()
    {
        await using var again = await PaddleSimulatorHost.StartAsync();

        var (first, second) = (await _paddle.BuyAsync(), await again.BuyAsync());

        Assert.Equal(first.Transaction, second.Transaction);
        Assert.Matches("^txn_[a-z0-9]{26}$", first.Transaction);
    }

    [Fact]
    public async Task Times_have_up_to_nine_digits_and_are_read_back_as_the_same_time()
    {
        await _paddle.BuyAsync();
        await _paddle.BuyAsync();

        var events = (await _paddle.DataAsync(HttpMethod.Get, "events?per_page=200")).AsArray();

        Assert.Contains(events, happened => ((string)happened!["occurred_at"]!).Length == "2026-01-31T12:00:00.123456789Z".Length);
        foreach (var happened in events)
        {
            var at = Uri.EscapeDataString((string)happened!["occurred_at"]!);
            Assert.Equal((string)happened["event_id"]!, (string)(await _paddle.DataAsync(HttpMethod.Get, $"events?occurred_at={at}")).AsArray().Single()!["event_id"]!);
        }
    }

    private static object Monthly(object? customData = null) => new
    {
        items = new[] { new { price_id = PaddleSimulatorHost.MonthlyPrice, quantity = 1 } },
        custom_data = customData,
    };

    private static object Items(string price) => new { items = new[] { new { price_id = price, quantity = 1 } } };

    private Task PayAsync(string transaction) => _paddle.ControlAsync(HttpMethod.Post, $"checkouts/{transaction}", new { email = "buyer@example.com", country = "US" });
}
