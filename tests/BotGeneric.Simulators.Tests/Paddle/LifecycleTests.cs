using System.Globalization;
using System.Text.Json.Nodes;

namespace BotGeneric.Simulators.Tests.Paddle;

/// <summary>What time does to a subscription, and what its owner does.</summary>
public sealed class LifecycleTests : IAsyncLifetime
{
    private static readonly string[] Renewal =
    [
        "subscription.updated", "transaction.created", "transaction.billed", "transaction.updated", "transaction.paid", "transaction.updated", "transaction.completed",
    ];

    private static readonly string[] FailedRenewal =
    [
        "subscription.updated", "transaction.created", "transaction.billed", "transaction.updated", "transaction.payment_failed", "transaction.past_due",
        "subscription.updated", "subscription.past_due",
    ];

    private PaddleSimulatorHost _paddle = null!;

    public async Task InitializeAsync() => _paddle = await PaddleSimulatorHost.StartAsync();

    public async Task DisposeAsync() => await _paddle.DisposeAsync();

    [Fact]
    public async Task A_renewal_advances_the_period_before_it_is_paid()
    {
        var bought = await _paddle.BuyAsync(customData: new { accountId = "a-1" });

        await _paddle.AdvanceAsync(TimeSpan.FromDays(29));
        var envelopes = await _paddle.DeliveredAsync();

        Assert.Equal(Renewal, Types(envelopes));
        Assert.Equal("active", (string)envelopes[0]["data"]!["status"]!);
        var completed = envelopes[^1]["data"]!;
        Assert.Equal(("subscription_recurring", bought.Subscription), ((string)completed["origin"]!, (string)completed["subscription_id"]!));
        Assert.Equal("a-1", (string)completed["custom_data"]!["accountId"]!);
        Assert.Equal((string)envelopes[0]["data"]!["current_billing_period"]!["starts_at"]!, (string)completed["billing_period"]!["starts_at"]!);
    }

    [Fact]
    public async Task A_year_renews_twelve_times_on_the_day_of_the_first_bill()
    {
        var bought = await _paddle.BuyAsync();

        await _paddle.ControlAsync(HttpMethod.Post, "clock", new { to = "2027-01-31T13:00:00Z" });

        var bills = (await _paddle.DataAsync(HttpMethod.Get, $"transactions?subscription_id={bought.Subscription}&origin=subscription_recurring&order_by=id[ASC]")).AsArray();
        Assert.Equal(
            ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30", "2026-07-31", "2026-08-31", "2026-09-30", "2026-10-31", "2026-11-30", "2026-12-31", "2027-01-31"],
            bills.Select(bill => ((string)bill!["billing_period"]!["starts_at"]!)[..10]));
    }

    [Fact]
    public async Task A_failed_renewal_is_active_with_the_new_period_and_then_past_due()
    {
        var bought = await _paddle.BuyAsync(card: "declinesLater");

        await _paddle.AdvanceAsync(TimeSpan.FromDays(28).Add(TimeSpan.FromHours(1)));
        var envelopes = await _paddle.DeliveredAsync();

        Assert.Equal(FailedRenewal, Types(envelopes));
        Assert.Equal("active", (string)envelopes[0]["data"]!["status"]!);
        Assert.Equal("past_due", (string)(await SubscriptionAsync(bought))["status"]!);
    }

    [Fact]
    public async Task A_renewal_that_is_paid_after_all_makes_the_subscription_active_again()
    {
        var bought = await _paddle.BuyAsync();
        await _paddle.ControlAsync(HttpMethod.Put, $"customers/{bought.Customer}/card", new { declines = 2 });
        await _paddle.AdvanceAsync(TimeSpan.FromDays(28).Add(TimeSpan.FromHours(1)));
        await _paddle.DeliveredAsync();

        await _paddle.AdvanceAsync(TimeSpan.FromDays(4));

        Assert.Equal(
            [
                "transaction.updated", "transaction.payment_failed", "transaction.paid", "transaction.updated", "subscription.updated", "subscription.activated",
                "transaction.completed",
            ],
            await _paddle.EventsAsync());
        Assert.Equal("active", (string)(await SubscriptionAsync(bought))["status"]!);
    }

    [Theory]
    [InlineData("subscription_canceled", "canceled")]
    [InlineData("subscription_paused", "paused")]
    public async Task A_renewal_that_is_never_paid_ends_after_30_days(string action, string status)
    {
        await using var paddle = await PaddleSimulatorHost.StartAsync(("Paddle:DunningExhaustedAction", action));
        var bought = await paddle.BuyAsync(card: "declinesLater");

        await paddle.AdvanceAsync(TimeSpan.FromDays(28 + 29));
        var before = (string)(await paddle.DataAsync(HttpMethod.Get, $"subscriptions/{bought.Subscription}"))["status"]!;
        await paddle.DeliveredAsync();
        await paddle.AdvanceAsync(TimeSpan.FromDays(2));

        Assert.Equal("past_due", before);
        Assert.Equal(["transaction.updated", "transaction.canceled", "subscription.updated", $"subscription.{status}"], await paddle.EventsAsync());
        var unpaid = (await paddle.DataAsync(HttpMethod.Get, $"transactions?subscription_id={bought.Subscription}&status=canceled")).AsArray().Single()!;
        Assert.Equal(8, unpaid["payments"]!.AsArray().Count);
    }

    [Fact]
    public async Task Another_card_pays_the_bill_that_was_open()
    {
        var bought = await _paddle.BuyAsync(card: "declinesLater");
        await _paddle.AdvanceAsync(TimeSpan.FromDays(29));
        await _paddle.DeliveredAsync();

        var open = await _paddle.DataAsync(HttpMethod.Get, $"subscriptions/{bought.Subscription}/update-payment-method-transaction");
        await _paddle.ControlAsync(HttpMethod.Post, $"checkouts/{open["id"]}", new { });

        Assert.Equal(("past_due", "subscription_recurring"), ((string)open["status"]!, (string)open["origin"]!));
        Assert.Equal("active", (string)(await SubscriptionAsync(bought))["status"]!);
        Assert.Contains("subscription.activated", await _paddle.EventsAsync());
    }

    [Fact]
    public async Task Another_card_for_a_paid_subscription_costs_nothing()
    {
        var bought = await _paddle.BuyAsync(card: "declinesLater");

        var change = await _paddle.DataAsync(HttpMethod.Get, $"subscriptions/{bought.Subscription}/update-payment-method-transaction");
        await _paddle.ControlAsync(HttpMethod.Post, $"checkouts/{change["id"]}", new { });
        await _paddle.AdvanceAsync(TimeSpan.FromDays(29));

        Assert.Equal(("0", "subscription_payment_method_change"), ((string)change["details"]!["totals"]!["grand_total"]!, (string)change["origin"]!));
        Assert.Equal("active", (string)(await SubscriptionAsync(bought))["status"]!);
    }

    [Fact]
    public async Task A_scheduled_cancellation_waits_for_the_end_of_the_period()
    {
        var bought = await _paddle.BuyAsync();

        var scheduled = await _paddle.DataAsync(HttpMethod.Post, $"subscriptions/{bought.Subscription}/cancel", new { effective_from = "next_billing_period" });
        var first = await _paddle.EventsAsync();
        await _paddle.AdvanceAsync(TimeSpan.FromDays(29));
        var ended = await SubscriptionAsync(bought);

        Assert.Equal("active", (string)scheduled["status"]!);
        Assert.Null(scheduled["next_billed_at"]);
        Assert.Equal((string)scheduled["current_billing_period"]!["ends_at"]!, (string)scheduled["scheduled_change"]!["effective_at"]!);
        Assert.Equal(["subscription.updated"], first);
        Assert.Equal(["subscription.updated", "subscription.canceled"], await _paddle.EventsAsync());
        Assert.Equal("canceled", (string)ended["status"]!);
        Assert.Null(ended["current_billing_period"]);
    }

    [Fact]
    public async Task A_scheduled_cancellation_can_be_undone()
    {
        var bought = await _paddle.BuyAsync();
        await _paddle.DataAsync(HttpMethod.Post, $"subscriptions/{bought.Subscription}/cancel", new { });

        var undone = await _paddle.DataAsync(HttpMethod.Patch, $"subscriptions/{bought.Subscription}", """{"scheduled_change":null}""");

        Assert.Null(undone["scheduled_change"]);
        Assert.Equal((string)undone["current_billing_period"]!["ends_at"]!, (string)undone["next_billed_at"]!);
    }

    [Fact]
    public async Task A_pause_ends_the_period_and_a_resumption_bills_a_new_one()
    {
        var bought = await _paddle.BuyAsync();

        var paused = await _paddle.DataAsync(HttpMethod.Post, $"subscriptions/{bought.Subscription}/pause", new { effective_from = "immediately" });
        var pausing = await _paddle.EventsAsync();
        await _paddle.AdvanceAsync(TimeSpan.FromDays(60));
        var resumed = await _paddle.DataAsync(HttpMethod.Post, $"subscriptions/{bought.Subscription}/resume", new { effective_from = "immediately" });
        var resuming = await _paddle.EventsAsync();

        Assert.Equal("paused", (string)paused["status"]!);
        Assert.Null(paused["current_billing_period"]);
        Assert.Null(paused["next_billed_at"]);
        Assert.Equal(["subscription.updated", "subscription.paused"], pausing);
        Assert.Equal(["subscription.updated", "subscription.resumed", .. Renewal[1..]], resuming);
        Assert.Equal("2026-04-01", ((string)resumed["current_billing_period"]!["starts_at"]!)[..10]);
    }

    [Fact]
    public async Task A_pause_can_end_by_itself_and_go_on_with_what_was_paid()
    {
        var bought = await _paddle.BuyAsync();
        var before = await SubscriptionAsync(bought);
        await _paddle.DataAsync(HttpMethod.Post, $"subscriptions/{bought.Subscription}/pause", new
        {
            effective_from = "immediately",
            resume_at = _paddle.Clock.GetUtcNow().AddDays(10).ToString("O", CultureInfo.InvariantCulture),
            on_resume = "continue_existing_billing_period",
        });
        await _paddle.DeliveredAsync();

        await _paddle.AdvanceAsync(TimeSpan.FromDays(11));

        Assert.Equal(["subscription.updated", "subscription.resumed"], await _paddle.EventsAsync());
        Assert.Equal((string)before["next_billed_at"]!, (string)(await SubscriptionAsync(bought))["next_billed_at"]!);
    }

    [Fact]
    public async Task A_trial_can_be_ended_early()
    {
        var bought = await _paddle.BuyAsync(await _paddle.PriceAsync("1500", trialDays: 14));

        Assert.Equal("active", (string)(await _paddle.DataAsync(HttpMethod.Post, $"subscriptions/{bought.Subscription}/activate"))["status"]!);
        Assert.Equal("subscription_cannot_activate", await _paddle.RefusedAsync(HttpMethod.Post, $"subscriptions/{bought.Subscription}/activate"));
    }

    [Fact]
    public async Task The_clock_never_goes_back()
    {
        using var response = await _paddle.Http.PostAsync("/paddle/control/clock", System.Net.Http.Json.JsonContent.Create(new { to = "2020-01-01T00:00:00Z" }));

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, response.StatusCode);
    }

    private Task<JsonNode> SubscriptionAsync(Bought bought) => _paddle.DataAsync(HttpMethod.Get, $"subscriptions/{bought.Subscription}");

    private static IEnumerable<string> Types(IEnumerable<JsonObject> envelopes) => envelopes.Select(envelope => (string)envelope["event_type"]!);
}
