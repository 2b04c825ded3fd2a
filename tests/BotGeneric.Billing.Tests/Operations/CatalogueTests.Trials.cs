namespace BotGeneric.Billing.Tests.Operations;

public sealed partial class CatalogueTests
{
    [Fact]
    public async Task Who_buys_without_a_trial_has_the_plan_paid_and_is_found_again()
    {
        await _application.PushAsync();
        var bought = await _application.Paddle.BuyAsync((string)(await PaddlePriceWithoutTrialAsync("pro"))["id"]!);

        var compared = await _application.ReconcileAsync();
        var again = await _application.ReconcileAsync();

        Assert.Equal(("completed", 0), (Text(compared, "status"), again.GetProperty("differences").GetInt32()));
        var subscription = await _application.SubscriptionAsync(bought);
        Assert.Equal(("active", "pro", 1), (Text(subscription, "status"), Text(subscription, "planCode"), subscription.GetProperty("planVersion").GetInt32()));
        var pulled = await _application.PostAsync("/api/admin/plans/pull", new { dryRun = true });
        Assert.Equal(2, pulled.GetProperty("prices").EnumerateArray().Count(item => Text(item, "planCode") == "pro" && Text(item, "problem") is null));
        Assert.Single(pulled.GetProperty("prices").EnumerateArray(), item => item.GetProperty("withoutTrial").GetBoolean());
    }

    [Fact]
    public async Task A_price_without_a_trial_that_was_changed_at_Paddle_follows_ours_and_is_never_taken_over()
    {
        await _application.PushAsync();
        var id = (string)(await PaddlePriceWithoutTrialAsync("pro"))["id"]!;
        await _application.Paddle.CallAsync(HttpMethod.Patch, $"prices/{id}", new { unit_price = new { amount = "1", currency_code = "USD" } });

        var pulled = await _application.PostAsync("/api/admin/plans/pull", new { importAmounts = true });
        var report = await _application.PushAsync();

        var item = pulled.GetProperty("prices").EnumerateArray().Single(row => Text(row, "paddlePriceId") == id);
        Assert.Equal(("none", "pro"), (Text(item, "action"), Text(item, "planCode")));
        Assert.Contains("push", Text(item, "problem"), StringComparison.Ordinal);
        Assert.True(Assert.Single(Items(report)).GetProperty("withoutTrial").GetBoolean());
        Assert.Equal("3000", (string)(await PaddlePriceWithoutTrialAsync("pro"))["unit_price"]!["amount"]!);
    }

    [Fact]
    public async Task A_price_without_a_trial_that_is_not_at_Paddle_is_missing_until_it_is_pushed()
    {
        await _application.PushAsync();
        await _application.ExecuteAsync("UPDATE prices SET paddle_id_without_trial = NULL");

        var before = (await _application.GetAsync("/api/admin/paddle/configuration")).GetProperty("catalogue");
        var pulled = await _application.PostAsync("/api/admin/plans/pull", new { });
        var after = (await _application.GetAsync("/api/admin/paddle/configuration")).GetProperty("catalogue");

        Assert.Equal((1, false), (before.GetProperty("pricesNotPushed").GetInt32(), before.GetProperty("isPushed").GetBoolean()));
        Assert.Single(pulled.GetProperty("prices").EnumerateArray(), item => Text(item, "action") == "link" && item.GetProperty("withoutTrial").GetBoolean());
        Assert.Equal((0, true), (after.GetProperty("pricesNotPushed").GetInt32(), after.GetProperty("isPushed").GetBoolean()));
    }
}
