using System.Text.Json.Nodes;

namespace BotGeneric.Simulators.Tests.Paddle;

/// <summary>Changing what a subscription consists of: what it costs, and what is refused.</summary>
public sealed class ChangeTests : IAsyncLifetime
{
    private PaddleSimulatorHost _paddle = null!;
    private string _large = null!;
    private string _small = null!;
    private string _yearly = null!;

    public async Task InitializeAsync()
    {
        _paddle = await PaddleSimulatorHost.StartAsync();
        _large = await _paddle.PriceAsync("9000");
        _small = await _paddle.PriceAsync("1000");
        _yearly = await _paddle.PriceAsync("30000", interval: "year");
    }

    public async Task DisposeAsync() => await _paddle.DisposeAsync();

    [Fact]
    public async Task An_upgrade_in_the_middle_of_a_period_charges_half_of_the_difference()
    {
        var bought = await BuyAndWaitHalfAsync();

        var preview = await _paddle.DataAsync(HttpMethod.Patch, $"subscriptions/{bought.Subscription}/preview", Change(_large));
        var changed = await _paddle.DataAsync(HttpMethod.Patch, $"subscriptions/{bought.Subscription}", Change(_large));
        var envelopes = await _paddle.DeliveredAsync();

        var summary = preview["update_summary"]!;
        Assert.Equal(("-1500", "4500"), ((string)summary["credit"]!["amount"]!, (string)summary["charge"]!["amount"]!));
        Assert.Equal(("charge", "3000"), ((string)summary["result"]!["action"]!, (string)summary["result"]!["amount"]!));
        Assert.Equal("3000", (string)preview["immediate_transaction"]!["details"]!["totals"]!["total"]!);
        Assert.Equal("9000", (string)preview["next_transaction"]!["details"]!["totals"]!["total"]!);
        Assert.Equal(_large, (string)changed["items"]![0]!["price"]!["id"]!);
        Assert.Equal("subscription.updated", (string)envelopes[0]["event_type"]!);
        var completed = envelopes[^1]["data"]!;
        Assert.Equal("transaction.completed", (string)envelopes[^1]["event_type"]!);
        Assert.Equal(("subscription_update", "3000"), ((string)completed["origin"]!, (string)completed["details"]!["totals"]!["total"]!));
        Assert.Equal(["0.5", "0.5"], completed["details"]!["line_items"]!.AsArray().Select(line => (string)line!["proration"]!["rate"]!));
    }

    [Fact]
    public async Task A_preview_changes_nothing()
    {
        var bought = await BuyAndWaitHalfAsync();

        await _paddle.DataAsync(HttpMethod.Patch, $"subscriptions/{bought.Subscription}/preview", Change(_large));

        Assert.Empty(await _paddle.EventsAsync());
        Assert.Equal(PaddleSimulatorHost.MonthlyPrice, (string)(await SubscriptionAsync(bought))["items"]![0]!["price"]!["id"]!);
    }

    [Fact]
    public async Task A_downgrade_gives_credit_that_later_bills_use()
    {
        var bought = await BuyAndWaitHalfAsync();

        await _paddle.DataAsync(HttpMethod.Patch, $"subscriptions/{bought.Subscription}", Change(_small));
        Assert.Equal(["subscription.updated", "adjustment.created"], await _paddle.EventsAsync());
        var adjustment = (await _paddle.DataAsync(HttpMethod.Get, "adjustments")).AsArray().Single()!;
        await _paddle.AdvanceAsync(TimeSpan.FromDays(15));

        Assert.Equal(("credit", "1000"), ((string)adjustment["action"]!, (string)adjustment["totals"]!["total"]!));
        var renewal = (await _paddle.DataAsync(HttpMethod.Get, "transactions?origin=subscription_recurring")).AsArray().Single()!["details"]!["totals"]!;
        Assert.Equal(("1000", "1000", "0"), ((string)renewal["total"]!, (string)renewal["credit"]!, (string)renewal["grand_total"]!));
    }

    [Theory]
    [InlineData("prorated_next_billing_period", "12000")]
    [InlineData("full_next_billing_period", "18000")]
    [InlineData("do_not_bill", "9000")]
    public async Task A_change_can_be_left_to_the_next_bill(string mode, string next)
    {
        var bought = await BuyAndWaitHalfAsync();

        var changed = await _paddle.DataAsync(HttpMethod.Patch, $"subscriptions/{bought.Subscription}", Change(_large, mode));
        Assert.Equal(["subscription.updated"], await _paddle.EventsAsync());
        await _paddle.AdvanceAsync(TimeSpan.FromDays(15));

        Assert.Equal(_large, (string)changed["items"]![0]!["price"]!["id"]!);
        Assert.Equal(next, (string)(await _paddle.DataAsync(HttpMethod.Get, "transactions?origin=subscription_recurring")).AsArray().Single()!["details"]!["totals"]!["total"]!);
    }

    [Fact]
    public async Task A_change_to_a_year_starts_the_year_now()
    {
        var bought = await BuyAndWaitHalfAsync();

        var changed = await _paddle.DataAsync(HttpMethod.Patch, $"subscriptions/{bought.Subscription}", Change(_yearly));

        Assert.Equal("year", (string)changed["billing_cycle"]!["interval"]!);
        Assert.Equal("2027-02-14", ((string)changed["next_billed_at"]!)[..10]);
        var bill = (await _paddle.DataAsync(HttpMethod.Get, "transactions?origin=subscription_update")).AsArray().Single()!;
        Assert.Equal("28500", (string)bill["details"]!["totals"]!["total"]!);
    }

    [Theory]
    [InlineData("prorated_next_billing_period")]
    [InlineData("full_next_billing_period")]
    public async Task A_change_of_the_frequency_cannot_be_left_to_the_next_bill(string mode)
    {
        var bought = await _paddle.BuyAsync();

        Assert.Equal("invalid_field", await RefusedAsync(bought, Change(_yearly, mode)));
    }

    [Fact]
    public async Task A_declined_change_does_not_happen()
    {
        var bought = await _paddle.BuyAsync(card: "declinesLater");

        Assert.Equal("subscription_payment_declined", await RefusedAsync(bought, Change(_large)));

        Assert.Equal(PaddleSimulatorHost.MonthlyPrice, (string)(await SubscriptionAsync(bought))["items"]![0]!["price"]!["id"]!);
        var events = await _paddle.EventsAsync();
        Assert.Equal("transaction.canceled", events[^1]);
        Assert.DoesNotContain("subscription.updated", events);
    }

    [Fact]
    public async Task A_declined_change_happens_when_the_caller_wants_it_so()
    {
        var bought = await _paddle.BuyAsync(card: "declinesLater");
        var change = Change(_large);
        change["on_payment_failure"] = "apply_change";

        var changed = await _paddle.DataAsync(HttpMethod.Patch, $"subscriptions/{bought.Subscription}", change);

        Assert.Equal(("past_due", _large), ((string)changed["status"]!, (string)changed["items"]![0]!["price"]!["id"]!));
        Assert.Equal("subscription_update_when_past_due", await RefusedAsync(bought, Change(_small)));
        Assert.Equal("subscription.past_due", (await _paddle.EventsAsync())[^1]);
    }

    [Theory]
    [InlineData("""{"items":[{"price_id":"LARGE","quantity":1}]}""", "subscription_items_update_missing_proration_billing_mode")]
    [InlineData("""{"items":[{"price_id":"LARGE","quantity":1}],"proration_billing_mode":"later"}""", "invalid_field")]
    [InlineData("""{"items":[],"proration_billing_mode":"do_not_bill"}""", "subscription_all_items_removed")]
    [InlineData("""{"items":[{"price_id":"LARGE"}],"proration_billing_mode":"do_not_bill"}""", "subscription_quantity_missing_for_new_items")]
    [InlineData("""{"items":[{"price_id":"LARGE","quantity":500}],"proration_billing_mode":"do_not_bill"}""", "subscription_quantity_not_valid")]
    [InlineData("""{"items":[{"price_id":"pri_unknown","quantity":1}],"proration_billing_mode":"do_not_bill"}""", "subscription_new_items_not_valid")]
    [InlineData("""{"items":[{"price_id":"LARGE","quantity":1},{"price_id":"LARGE","quantity":1}],"proration_billing_mode":"do_not_bill"}""", "subscription_duplicate_price_ids")]
    [InlineData("""{"items":[{"price_id":"LARGE","quantity":1},{"price_id":"YEARLY","quantity":1}],"proration_billing_mode":"do_not_bill"}""", "subscription_new_items_not_valid")]
    [InlineData("""{"scheduled_change":{"action":"cancel"}}""", "subscription_scheduled_change_invalid_update")]
    [InlineData("""{"next_billed_at":"2026-01-31T12:05:00Z","proration_billing_mode":"do_not_bill"}""", "subscription_next_billed_at_too_soon")]
    [InlineData("""{"next_billed_at":"2026-03-31T12:05:00Z"}""", "subscription_items_update_missing_proration_billing_mode")]
    [InlineData("""{"colour":"red"}""", "invalid_field")]
    public async Task A_change_that_paddle_refuses_is_refused(string change, string code)
    {
        var bought = await _paddle.BuyAsync();

        Assert.Equal(code, await RefusedAsync(bought, change.Replace("LARGE", _large, StringComparison.Ordinal).Replace("YEARLY", _yearly, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_locked_subscription_refuses_changes_until_it_is_unlocked()
    {
        var bought = await _paddle.BuyAsync();
        await _paddle.ControlAsync(HttpMethod.Put, $"subscriptions/{bought.Subscription}/lock", new { code = "subscription_locked_processing" });

        Assert.Equal("subscription_locked_processing", await RefusedAsync(bought, Change(_large), 409));
        await _paddle.ControlAsync(HttpMethod.Delete, $"subscriptions/{bought.Subscription}/lock");

        await _paddle.DataAsync(HttpMethod.Patch, $"subscriptions/{bought.Subscription}", Change(_large));
    }

    [Fact]
    public async Task Half_an_hour_before_its_renewal_a_subscription_is_locked()
    {
        var bought = await _paddle.BuyAsync();
        await _paddle.ControlAsync(HttpMethod.Post, "clock", new { to = "2026-02-28T11:45:00Z" });

        Assert.Equal("subscription_locked_renewal", await RefusedAsync(bought, Change(_large), 409));
        Assert.Equal("subscription_locked_renewal", await _paddle.RefusedAsync(HttpMethod.Post, $"subscriptions/{bought.Subscription}/cancel", new { }, 409));
    }

    [Fact]
    public async Task A_scheduled_change_stands_against_another()
    {
        var bought = await _paddle.BuyAsync();
        await _paddle.DataAsync(HttpMethod.Post, $"subscriptions/{bought.Subscription}/pause", new { });

        Assert.Equal("subscription_locked_pending_changes", await RefusedAsync(bought, Change(_large)));
        Assert.Equal("subscription_locked_pending_changes", await _paddle.RefusedAsync(HttpMethod.Post, $"subscriptions/{bought.Subscription}/cancel", new { }));
    }

    [Fact]
    public async Task A_trial_takes_changes_that_cost_nothing_only()
    {
        var bought = await _paddle.BuyAsync(await _paddle.PriceAsync("1500", trialDays: 14));
        var path = $"subscriptions/{bought.Subscription}";

        Assert.Equal("subscription_trialing_items_update_invalid_options", await RefusedAsync(bought, Change(_large)));
        Assert.Equal("subscription_update_when_trialing", await _paddle.RefusedAsync(HttpMethod.Post, $"{path}/pause", new { }));
        Assert.Equal("subscription_new_items_not_valid", await RefusedAsync(bought, Change(_yearly, "do_not_bill")));
        Assert.Equal("trialing", (string)(await _paddle.DataAsync(HttpMethod.Patch, path, Change(_large, "do_not_bill")))["status"]!);
    }

    [Fact]
    public async Task A_paused_subscription_takes_items_without_a_bill_only()
    {
        var bought = await _paddle.BuyAsync();
        await _paddle.DataAsync(HttpMethod.Post, $"subscriptions/{bought.Subscription}/pause", new { effective_from = "immediately" });

        Assert.Equal("subscription_incorrect_proration_on_paused_subscription", await RefusedAsync(bought, Change(_large)));
        Assert.Equal("subscription_cannot_be_paused", await _paddle.RefusedAsync(HttpMethod.Post, $"subscriptions/{bought.Subscription}/pause", new { }));
        await _paddle.DataAsync(HttpMethod.Patch, $"subscriptions/{bought.Subscription}", Change(_large, "do_not_bill"));
    }

    [Fact]
    public async Task A_canceled_subscription_takes_nothing()
    {
        var bought = await _paddle.BuyAsync();
        await _paddle.DataAsync(HttpMethod.Post, $"subscriptions/{bought.Subscription}/cancel", new { effective_from = "immediately" });

        Assert.Equal("subscription_update_when_canceled", await RefusedAsync(bought, Change(_large)));
        Assert.Equal("subscription_is_canceled_action_invalid", await _paddle.RefusedAsync(HttpMethod.Post, $"subscriptions/{bought.Subscription}/cancel", new { }));
        Assert.Equal("subscription_is_canceled_action_invalid", await _paddle.RefusedAsync(HttpMethod.Post, $"subscriptions/{bought.Subscription}/resume", new { effective_from = "immediately" }));
    }

    [Fact]
    public async Task One_time_items_are_charged_twenty_times_an_hour_at_most()
    {
        var bought = await _paddle.BuyAsync();
        var once = await _paddle.PriceAsync("500", interval: null);
        var charge = new { effective_from = "immediately", items = new[] { new { price_id = once, quantity = 1 } } };
        for (var count = 0; count < 20; count++)
        {
            await _paddle.DataAsync(HttpMethod.Post, $"subscriptions/{bought.Subscription}/charge", charge);
        }

        Assert.Equal("subscription_immediate_charge_hour_limit_exceeded", await _paddle.RefusedAsync(HttpMethod.Post, $"subscriptions/{bought.Subscription}/charge", charge));
        Assert.Equal(20, (await _paddle.DataAsync(HttpMethod.Get, "transactions?origin=subscription_charge")).AsArray().Count);
        await _paddle.AdvanceAsync(TimeSpan.FromHours(1.1));
        await _paddle.DataAsync(HttpMethod.Post, $"subscriptions/{bought.Subscription}/charge", charge);
    }

    [Fact]
    public async Task The_owners_data_can_be_replaced_at_any_time()
    {
        var bought = await _paddle.BuyAsync(customData: new { accountId = "a-1" });

        var changed = await _paddle.DataAsync(HttpMethod.Patch, $"subscriptions/{bought.Subscription}", new { custom_data = new { accountId = "a-2" } });

        Assert.Equal("a-2", (string)changed["custom_data"]!["accountId"]!);
    }

    private async Task<Bought> BuyAndWaitHalfAsync()
    {
        var bought = await _paddle.BuyAsync();
        var subscription = await SubscriptionAsync(bought);
        var (start, end) = (Time(subscription["current_billing_period"]!["starts_at"]!), Time(subscription["current_billing_period"]!["ends_at"]!));
        await _paddle.ControlAsync(HttpMethod.Post, "clock", new { to = start + ((end - start) / 2) });
        return bought;
    }

    private static DateTimeOffset Time(JsonNode node) => DateTimeOffset.Parse((string)node!, System.Globalization.CultureInfo.InvariantCulture);

    private static JsonObject Change(string price, string mode = "prorated_immediately") => new()
    {
        ["items"] = new JsonArray(new JsonObject { ["price_id"] = price, ["quantity"] = 1 }),
        ["proration_billing_mode"] = mode,
    };

    private Task<string> RefusedAsync(Bought bought, object change, int status = 400) =>
        _paddle.RefusedAsync(HttpMethod.Patch, $"subscriptions/{bought.Subscription}", change, status);

    private Task<JsonNode> SubscriptionAsync(Bought bought) => _paddle.DataAsync(HttpMethod.Get, $"subscriptions/{bought.Subscription}");
}
