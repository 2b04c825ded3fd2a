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
    public async Task A_trial_that_was_changed_and_not_pushed_is_counted_and_the_price_without_one_stays_on_sale()
    {
        await _application.PushAsync();
        var (id, withoutTrial) = (await _application.PriceOfAsync("pro"), (string)(await PaddlePriceWithoutTrialAsync("pro"))["id"]!);
        var pushed = await CatalogueAsync();
        await _application.PutAsync("/api/admin/plans/pro", PlanWithTrial(30));
        var changed = await CatalogueAsync();
        await _application.PushAsync();
        var longer = (await CatalogueAsync(), (int)(await PaddlePriceAsync("pro"))["trial_period"]!["frequency"]!);
        await _application.PutAsync("/api/admin/plans/pro", PlanWithTrial(null));
        var removed = await CatalogueAsync();
        await _application.PushAsync();

        Assert.Equal([(0, true), (1, false), (1, false), (0, true)], [pushed, changed, removed, await CatalogueAsync()]);
        Assert.Equal(((0, true), 30), longer);
        Assert.Equal(id, await _application.PriceOfAsync("pro"));
        Assert.Null((await PaddlePriceAsync("pro"))["trial_period"]);
        Assert.Equal("active", (string)(await _application.Paddle.CallAsync(HttpMethod.Get, $"prices/{withoutTrial}"))["status"]!);
        Assert.Empty(Items(await _application.PushAsync()));
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

    private static object PlanWithTrial(int? trialDays) => new
    {
        name = new { en = "Pro" },
        trialDays,
        entitlements = new[] { new { meter = "llm.requests", window = "day", limit = 1000 } },
        prices = new[] { new { amount = 30m, currency = "USD", overrides = new[] { new { countries = new[] { "DE" }, amount = 28m, currency = "EUR" } } } },
    };

    private async Task<(int Trials, bool IsPushed)> CatalogueAsync()
    {
        var catalogue = (await _application.GetAsync("/api/admin/paddle/configuration")).GetProperty("catalogue");
        return (catalogue.GetProperty("trialsNotPushed").GetInt32(), catalogue.GetProperty("isPushed").GetBoolean());
    }
}
