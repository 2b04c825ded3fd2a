using System.Text.Json.Nodes;

namespace BotGeneric.Simulators.Tests.Paddle;

/// <summary>Money that goes back.</summary>
public sealed class RefundTests : IAsyncLifetime
{
    private PaddleSimulatorHost _paddle = null!;

    public async Task InitializeAsync() => _paddle = await PaddleSimulatorHost.StartAsync();

    public async Task DisposeAsync() => await _paddle.DisposeAsync();

    [Fact]
    public async Task A_full_refund_waits_ten_minutes_and_leaves_transaction_and_subscription_alone()
    {
        var bought = await _paddle.BuyAsync(country: "GB");

        var refund = await RefundAsync(bought, new { action = "refund", type = "full", transaction_id = bought.Transaction, reason = "asked for" });
        Assert.Equal(["adjustment.created"], await _paddle.EventsAsync());
        await _paddle.AdvanceAsync(TimeSpan.FromMinutes(9));
        Assert.Empty(await _paddle.EventsAsync());
        await _paddle.AdvanceAsync(TimeSpan.FromMinutes(2));
        var envelopes = await _paddle.DeliveredAsync();

        Assert.Equal(("pending_approval", "3000", "500"), ((string)refund["status"]!, (string)refund["totals"]!["total"]!, (string)refund["totals"]!["tax"]!));
        Assert.Equal(("adjustment.updated", "approved"), ((string)envelopes.Single()["event_type"]!, (string)envelopes.Single()["data"]!["status"]!));
        var transaction = await _paddle.DataAsync(HttpMethod.Get, $"transactions/{bought.Transaction}");
        Assert.Equal(("completed", "3000"), ((string)transaction["status"]!, (string)transaction["details"]!["totals"]!["total"]!));
        Assert.Equal("0", (string)transaction["details"]!["adjusted_totals"]!["total"]!);
        Assert.Equal("active", (string)(await _paddle.DataAsync(HttpMethod.Get, $"subscriptions/{bought.Subscription}"))["status"]!);
    }

    [Fact]
    public async Task A_rejected_refund_can_be_asked_for_again()
    {
        var bought = await _paddle.BuyAsync();
        var body = new { action = "refund", type = "full", transaction_id = bought.Transaction, reason = "asked for" };
        var first = (string)(await RefundAsync(bought, body))["id"]!;

        Assert.Equal("adjustment_pending_refund_request", await _paddle.RefusedAsync(HttpMethod.Post, "adjustments", body));
        await _paddle.ControlAsync(HttpMethod.Put, $"adjustments/{first}/decision", new { decision = "rejected" });

        await RefundAsync(bought, body);
    }

    [Fact]
    public async Task A_partial_refund_is_for_an_item_and_no_more_than_what_is_left()
    {
        var bought = await _paddle.BuyAsync();
        var item = (string)(await _paddle.DataAsync(HttpMethod.Get, $"transactions/{bought.Transaction}"))["details"]!["line_items"]![0]!["id"]!;

        var refund = await RefundAsync(bought, Partial(bought, item, "1000"));
        await _paddle.AdvanceAsync(TimeSpan.FromMinutes(11));

        Assert.Equal("1000", (string)refund["items"]![0]!["amount"]!);
        Assert.Equal("2000", (string)(await _paddle.DataAsync(HttpMethod.Get, $"transactions/{bought.Transaction}"))["details"]!["adjusted_totals"]!["total"]!);
        Assert.Equal("adjustment_amount_above_remaining_allowed", await _paddle.RefusedAsync(HttpMethod.Post, "adjustments", Partial(bought, item, "2001")));
        Assert.Equal("adjustment_amount_cannot_be_zero", await _paddle.RefusedAsync(HttpMethod.Post, "adjustments", Partial(bought, item, "0")));
        Assert.Equal("adjustment_transaction_item_invalid", await _paddle.RefusedAsync(HttpMethod.Post, "adjustments", Partial(bought, "txnitm_unknown", "1")));
        await RefundAsync(bought, Partial(bought, item, "2000"));
        await _paddle.AdvanceAsync(TimeSpan.FromMinutes(11));
        Assert.Equal(
            "adjustment_transaction_item_has_already_been_fully_adjusted",
            await _paddle.RefusedAsync(HttpMethod.Post, "adjustments", new { action = "refund", type = "full", transaction_id = bought.Transaction, reason = "more" }));
    }

    [Fact]
    public async Task Only_a_completed_transaction_can_be_refunded()
    {
        var open = (string)(await _paddle.DataAsync(HttpMethod.Post, "transactions", new { items = new[] { new { price_id = PaddleSimulatorHost.MonthlyPrice, quantity = 1 } } }))["id"]!;
        await _paddle.ControlAsync(HttpMethod.Post, $"checkouts/{open}", new { card = "declined" });

        Assert.Equal(
            "adjustment_transaction_invalid_status_for_refund",
            await _paddle.RefusedAsync(HttpMethod.Post, "adjustments", new { action = "refund", type = "full", transaction_id = open, reason = "asked for" }));
    }

    [Fact]
    public async Task A_pending_refund_stands_against_an_immediate_change()
    {
        var bought = await _paddle.BuyAsync();
        await RefundAsync(bought, new { action = "refund", type = "full", transaction_id = bought.Transaction, reason = "asked for" });

        Assert.Equal("subscription_outstanding_pending_refund", await _paddle.RefusedAsync(HttpMethod.Patch, $"subscriptions/{bought.Subscription}", new
        {
            items = new[] { new { price_id = PaddleSimulatorHost.MonthlyPrice, quantity = 2 } },
            proration_billing_mode = "prorated_immediately",
        }));
    }

    private static object Partial(Bought bought, string item, string amount) => new
    {
        action = "refund",
        transaction_id = bought.Transaction,
        reason = "asked for",
        items = new[] { new { item_id = item, type = "partial", amount } },
    };

    private Task<JsonNode> RefundAsync(Bought bought, object body) => _paddle.DataAsync(HttpMethod.Post, "adjustments", body);
}
