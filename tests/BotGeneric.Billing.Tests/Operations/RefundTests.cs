using System.Net;
using System.Text.Json;

namespace BotGeneric.Billing.Tests.Operations;

/// <summary>Giving money back: never more than is left, never twice, and always known who asked.</summary>
public sealed class RefundTests(OperationsApplication application) : IClassFixture<OperationsApplication>
{
    [Fact]
    public async Task A_full_refund_waits_for_approval_and_cancels_the_subscription_at_once_when_asked()
    {
        var bought = await application.BuyAsync("team");

        var answer = await application.PostAsync(
            $"/api/admin/transactions/{bought.Transaction}/refund", new { type = "full", reason = "Did not work for them", cancelSubscription = true });

        var adjustment = answer.GetProperty("adjustment");
        Assert.Equal(("pendingApproval", "refund", "90.00"), (Text(adjustment, "status"), Text(adjustment, "action"), Text(adjustment.GetProperty("total"), "amount")));
        Assert.True(answer.GetProperty("subscriptionCanceled").GetBoolean());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("cancellationProblem").ValueKind);
        Assert.Equal("canceled", Text(await application.SubscriptionAsync(bought), "status"));
        Assert.Equal(
            ["transaction.refund_requested", "transaction.refunded"],
            new[] { await ActionAsync(bought, 0), await ActionAsync(bought, 1) });
        await application.PostAsync($"/api/admin/transactions/{bought.Transaction}/refund", new { type = "full", reason = "Again" }, HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task A_refund_stands_when_Paddle_refuses_to_cancel_the_subscription_while_it_looks_at_it()
    {
        var bought = await application.BuyAsync("team");
        await application.Paddle.ControlAsync(
            HttpMethod.Post, "api-faults",
            new { count = 1, status = 400, code = "subscription_outstanding_pending_refund", method = "POST", path = $"subscriptions/{bought.Subscription}/cancel" });

        var answer = await application.PostAsync(
            $"/api/admin/transactions/{bought.Transaction}/refund", new { type = "full", reason = "Did not work for them", cancelSubscription = true });

        Assert.Equal("pendingApproval", Text(answer.GetProperty("adjustment"), "status"));
        Assert.False(answer.GetProperty("subscriptionCanceled").GetBoolean());
        Assert.NotEmpty(Text(answer, "cancellationProblem")!);
        Assert.Equal("active", Text(await application.SubscriptionAsync(bought), "status"));
    }

    [Fact]
    public async Task An_upgrade_is_given_back_as_a_whole()
    {
        var (payment, paid) = await UpgradeAsync();

        var answer = await application.PostAsync($"/api/admin/transactions/{payment}/refund", new { type = "full", reason = "Went back" });

        Assert.Equal(paid, Text(answer.GetProperty("adjustment").GetProperty("total"), "amount"));
    }

    [Fact]
    public async Task An_upgrade_is_given_back_in_parts_up_to_what_was_paid_for_it()
    {
        var (payment, paid) = await UpgradeAsync();
        var path = $"/api/admin/transactions/{payment}/refund";
        var rest = (decimal.Parse(paid, System.Globalization.CultureInfo.InvariantCulture) - 10).ToString("0.00", System.Globalization.CultureInfo.InvariantCulture);

        await SettleAsync(await application.PostAsync(path, new { type = "partial", amount = "10.00", reason = "Ten" }));
        var tooMuch = await application.PostAsync(path, new { type = "partial", amount = paid, reason = "All" }, HttpStatusCode.UnprocessableEntity);
        await SettleAsync(await application.PostAsync(path, new { type = "partial", amount = rest, reason = "The rest" }));
        var nothing = await application.PostAsync(path, new { type = "full", reason = "Again" }, HttpStatusCode.UnprocessableEntity);

        Assert.Contains($"{rest} USD", Text(tooMuch, "detail"), StringComparison.Ordinal);
        Assert.Contains("Nothing", Text(nothing, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parts_are_given_back_up_to_what_is_left()
    {
        var bought = await application.BuyAsync("team");
        var path = $"/api/admin/transactions/{bought.Transaction}/refund";

        var first = await application.PostAsync(path, new { type = "partial", amount = "50.00", reason = "Half of it" });
        await SettleAsync(first);
        var tooMuch = await application.PostAsync(path, new { type = "partial", amount = "40.01", reason = "Too much" }, HttpStatusCode.UnprocessableEntity);
        var all = await application.PostAsync(path, new { type = "full", reason = "All" }, HttpStatusCode.UnprocessableEntity);
        var rest = await application.PostAsync(path, new { type = "partial", amount = "40.00", reason = "The rest" });

        Assert.Contains("40.00 USD", Text(tooMuch, "detail"), StringComparison.Ordinal);
        Assert.Contains("partial", Text(all, "detail"), StringComparison.Ordinal);
        Assert.Equal("40.00", Text(rest.GetProperty("adjustment").GetProperty("total"), "amount"));
    }

    [Fact]
    public async Task An_answer_that_is_lost_is_found_in_the_list_and_nothing_is_given_back_twice()
    {
        var bought = await application.BuyAsync("team");
        await application.Paddle.ControlAsync(HttpMethod.Post, "api-faults", new { count = 1, method = "POST", path = "adjustments", cutAfterWork = true });

        var answer = await application.PostAsync($"/api/admin/transactions/{bought.Transaction}/refund", new { type = "full", reason = "Lost on its way" });

        Assert.Equal("Lost on its way", Text(answer.GetProperty("adjustment"), "reason"));
        var listed = await application.Paddle.CallAsync(HttpMethod.Get, $"adjustments?transaction_id={bought.Transaction}");
        Assert.Single(listed.AsArray());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(int.MaxValue)]
    public async Task What_was_given_back_is_answered_and_noted_whatever_is_in_the_way_here(int times)
    {
        var bought = await application.BuyAsync("team");
        var path = $"/api/admin/transactions/{bought.Transaction}/refund";
        await using var trouble = await Trouble.BeginAsync(
            application.Database.ConnectionString, "adjustments", $"NEW.transaction_id = '{bought.Transaction}'", Trouble.Deadlock, times);

        var answer = await application.PostAsync(path, new { type = "partial", amount = "10", reason = "Ten" }, idempotencyKey: bought.Transaction);
        await application.PostAsync(path, new { type = "partial", amount = "10", reason = "Ten" }, idempotencyKey: bought.Transaction);

        var adjustment = answer.GetProperty("adjustment");
        Assert.Equal(("pendingApproval", "10.00"), (Text(adjustment, "status"), Text(adjustment.GetProperty("total"), "amount")));
        var listed = await application.Paddle.CallAsync(HttpMethod.Get, $"adjustments?transaction_id={bought.Transaction}");
        Assert.Equal(Text(adjustment, "id"), (string)Assert.Single(listed.AsArray())!["id"]!);
        Assert.Equal(["transaction.refund_requested", "transaction.refunded"], new[] { await ActionAsync(bought, 0), await ActionAsync(bought, 1) });
    }

    [Fact]
    public async Task The_same_key_refunds_once()
    {
        var bought = await application.BuyAsync("team");
        var body = new { type = "partial", amount = "10", reason = "Ten" };
        var path = $"/api/admin/transactions/{bought.Transaction}/refund";

        var first = await application.PostAsync(path, body, idempotencyKey: bought.Transaction);
        var second = await application.PostAsync(path, body, idempotencyKey: bought.Transaction);

        Assert.Equal(Text(first.GetProperty("adjustment"), "id"), Text(second.GetProperty("adjustment"), "id"));
    }

    [Fact]
    public async Task What_is_not_paid_and_what_is_not_known_is_not_given_back()
    {
        await application.PushAsync();
        var draft = await application.Paddle.CallAsync(
            HttpMethod.Post, "transactions", new { items = new[] { new { price_id = await application.PriceOfAsync("team"), quantity = 1 } } });
        await application.ReconcileAsync();

        await application.PostAsync($"/api/admin/transactions/{(string)draft["id"]!}/refund", new { type = "full", reason = "x" }, HttpStatusCode.Conflict);
        await application.PostAsync("/api/admin/transactions/txn_nothing/refund", new { type = "full", reason = "x" }, HttpStatusCode.NotFound);
        await application.PostAsync("/api/admin/transactions/txn_nothing/refund", new { type = "partial", reason = "x" }, HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("""{ "type": "partial", "amount": 10.5, "reason": "x" }""", "amount", "text")]
    [InlineData("""{ "type": "partial", "amount": { "amount": "10", "currency": "USD" }, "reason": "x" }""", "amount", "text")]
    [InlineData("""{ "type": "partial", "amount": "ten", "reason": "x" }""", "amount", "9.99")]
    [InlineData("""{ "type": "partial", "amount": "10,5", "reason": "x" }""", "amount", "9.99")]
    [InlineData("""{ "type": "partial", "amount": "-1", "reason": "x" }""", "amount", "9.99")]
    [InlineData("""{ "type": "partial", "amount": "0.00", "reason": "x" }""", "amount", "9.99")]
    [InlineData("""{ "type": "partial", "items": [ { "itemId": "txnitm_1", "amount": "1e3" } ], "reason": "x" }""", "items", "9.99")]
    [InlineData("""{ "type": "partial", "items": [ { "itemId": "txnitm_1", "amount": 3 } ], "reason": "x" }""", "items[0].amount", "text")]
    public async Task An_amount_that_is_no_text_of_a_number_is_refused_by_its_place(string body, string field, string said)
    {
        var problem = await application.PostAsync(
            "/api/admin/transactions/txn_nothing/refund", System.Text.Json.Nodes.JsonNode.Parse(body)!, HttpStatusCode.BadRequest);

        Assert.Contains(said, problem.GetProperty("errors").GetProperty(field)[0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?from=&to=")]
    [InlineData("?from=2026-01&to=2026-03")]
    [InlineData("?from=2026-01-31&to=2026-03-01")]
    [InlineData("?from=2026-01-31T23:59:59Z&to=2026-03-01T00:00:00.123456789%2B02:00")]
    public async Task Revenue_takes_months_days_and_times(string query)
    {
        var report = await application.GetAsync($"/api/admin/transactions/revenue{query}");

        Assert.Equal(JsonValueKind.Array, report.GetProperty("items").ValueKind);
    }

    [Theory]
    [InlineData("?from=yesterday", "from")]
    [InlineData("?from=2026-01&to=01/02/2026", "to")]
    [InlineData("?to=2026-13", "to")]
    [InlineData("?to=2026-01-31T12:00:00", "to")]
    public async Task A_month_that_is_none_is_refused_with_the_forms_that_are_taken(string query, string field)
    {
        var problem = await application.GetAsync($"/api/admin/transactions/revenue{query}", HttpStatusCode.BadRequest);

        Assert.Contains("2026-01-31T12:00:00Z", problem.GetProperty("errors").GetProperty(field)[0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?to=0001-03")]
    [InlineData("?from=0001-01&to=0001-12-31")]
    public async Task The_first_year_has_revenue_too(string query) =>
        Assert.Equal(0, (await application.GetAsync($"/api/admin/transactions/revenue{query}")).GetProperty("items").GetArrayLength());

    [Fact]
    public async Task Revenue_adds_up_by_month_and_counts_what_was_given_back()
    {
        var before = await RevenueAsync();
        var bought = await application.BuyAsync("team");
        await SettleAsync(await application.PostAsync($"/api/admin/transactions/{bought.Transaction}/refund", new { type = "partial", amount = "20", reason = "x" }));
        await application.ReconcileAsync();

        var after = await RevenueAsync();

        Assert.Equal(90.00m, after.Gross - before.Gross);
        Assert.Equal(20.00m, after.Refunds - before.Refunds);
        Assert.Equal(70.00m, after.Net - before.Net);
    }

    // From the small plan to the large one at once: the rest of the period at one price, less the rest of it at the other.
    private async Task<(string Payment, string Paid)> UpgradeAsync()
    {
        await application.PushAsync();
        var prices = (await application.GetAsync("/api/admin/plans/pro")).GetProperty("prices");
        var bought = await application.Paddle.BuyAsync(Text(prices[0], "paddlePriceIdWithoutTrial")!);
        await application.Paddle.CallAsync(HttpMethod.Patch, $"subscriptions/{bought.Subscription}", new
        {
            proration_billing_mode = "prorated_immediately",
            items = new[] { new { price_id = await application.PriceOfAsync("team"), quantity = 1 } },
        });
        await application.ReconcileAsync();
        var payments = (await application.GetAsync($"/api/admin/transactions?subscription={bought.Subscription}&status=completed")).GetProperty("items");
        var upgrade = Assert.Single(payments.EnumerateArray(), payment => Text(payment, "origin") == "subscription_update");
        return (Text(upgrade, "id")!, Text(upgrade.GetProperty("total"), "amount")!);
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    // Until Paddle has looked at it, another refund of the same payment would be refused there.
    private async Task SettleAsync(JsonElement answer) => await application.Paddle.ControlAsync(
        HttpMethod.Put, $"adjustments/{Text(answer.GetProperty("adjustment"), "id")}/decision", new { decision = "approved", now = true });

    private async Task<string> ActionAsync(Bought bought, int number) => await application.ScalarAsync<string>(
        $"SELECT action FROM billing_audit WHERE target = '{bought.Transaction}' ORDER BY at, id OFFSET {number} LIMIT 1");

    private async Task<(decimal Gross, decimal Refunds, decimal Net)> RevenueAsync()
    {
        var report = await application.GetAsync("/api/admin/transactions/revenue");
        var months = report.GetProperty("items").EnumerateArray().Where(month => Text(month, "currency") == "USD").ToArray();
        return (Sum(months, "gross"), Sum(months, "refunds"), Sum(months, "net"));
    }

    private static decimal Sum(JsonElement[] months, string name) =>
        months.Sum(month => decimal.Parse(Text(month, name)!, System.Globalization.CultureInfo.InvariantCulture));
}
