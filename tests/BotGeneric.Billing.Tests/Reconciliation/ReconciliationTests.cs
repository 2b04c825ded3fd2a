using System.Net;
using System.Text.Json;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Tests.Operations;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;

namespace BotGeneric.Billing.Tests.Reconciliation;

/// <summary>Comparing with Paddle: what was missed is found, what is wrong is healed and reported, and nothing is reported that is right.</summary>
public sealed class ReconciliationTests : IAsyncLifetime
{
    private readonly OperationsApplication _application = new();

    public Task InitializeAsync() => _application.InitializeAsync();

    public Task DisposeAsync() => ((IAsyncLifetime)_application).DisposeAsync();

    [Fact]
    public async Task What_was_never_delivered_is_found_and_a_second_comparison_finds_nothing()
    {
        await _application.PushAsync();
        var bought = await _application.Paddle.BuyAsync(await _application.PriceOfAsync("team"));

        var first = await _application.ReconcileAsync();
        var second = await _application.ReconcileAsync(full: true);

        var subscription = await _application.SubscriptionAsync(bought);
        Assert.Equal(("active", "team"), (Text(subscription, "status"), Text(subscription, "planCode")));
        Assert.True(subscription.GetProperty("grantsAccess").GetBoolean());
        Assert.NotNull(subscription.GetProperty("paidPeriodStart").GetString());
        var entities = (await DifferencesAsync(first)).Select(row => Text(row, "entity")).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(["customer", "price", "product", "subscription", "transaction"], entities);
        Assert.Equal(Number(first, "differences"), Number(first, "healed"));
        Assert.Equal((0, true), (Number(second, "differences"), Number(second, "compared") > 5));
    }

    [Fact]
    public async Task What_was_changed_here_by_mistake_is_healed_and_reported_field_by_field()
    {
        var bought = await _application.BuyAsync("team");
        await _application.ExecuteAsync($"UPDATE subscriptions SET status = 'Paused', raw_status = 'paused' WHERE paddle_id = '{bought.Subscription}'");
        await _application.ExecuteAsync($"UPDATE transactions SET tax = 17 WHERE paddle_id = '{bought.Transaction}'");

        var run = await _application.ReconcileAsync();

        Assert.Equal("active", Text(await _application.SubscriptionAsync(bought), "status"));
        var differences = await DifferencesAsync(run);
        var status = Assert.Single(differences, row => Text(row, "entity") == "subscription" && Text(row, "field") == "status");
        Assert.Equal(("Paused", "Active"), (Text(status, "ours"), Text(status, "theirs")));
        Assert.All(differences, row => Assert.True(row.GetProperty("isHealed").GetBoolean()));
        Assert.Equal(0L, await _application.ScalarAsync<long>($"SELECT tax FROM transactions WHERE paddle_id = '{bought.Transaction}'"));
    }

    [Fact]
    public async Task Who_has_paid_for_a_plan_and_has_none_gets_it()
    {
        var bought = await _application.BuyAsync("team");
        await _application.ExecuteAsync($"UPDATE subscriptions SET plan_code = NULL, plan_version = 0, entitlements = '[]' WHERE paddle_id = '{bought.Subscription}'");

        var run = await _application.ReconcileAsync();

        var difference = Assert.Single(await DifferencesAsync(run));
        Assert.Equal(("planCode", null, "team", true), (
            Text(difference, "field"), Text(difference, "ours"), Text(difference, "theirs"), difference.GetProperty("isHealed").GetBoolean()));
        var subscription = await _application.SubscriptionAsync(bought);
        Assert.Equal(("team", 5000L), (Text(subscription, "planCode"), subscription.GetProperty("entitlements")[0].GetProperty("limit").GetInt64()));
        Assert.Equal(0, Number(await _application.ReconcileAsync(), "differences"));
    }

    [Fact]
    public async Task Nothing_of_somebody_who_was_erased_comes_back_by_a_comparison()
    {
        var bought = await _application.BuyAsync("team");
        await _application.Paddle.ControlAsync(HttpMethod.Post, "scenarios/refund", new { subscriptionId = bought.Subscription });
        await _application.ReconcileAsync();
        var reason = await _application.ScalarAsync<string>("SELECT reason FROM adjustments");
        await _application.Services.EraseAsync<BillingDbContext>((await _application.SubscriptionAsync(bought)).GetProperty("accountId").GetGuid());

        var run = await _application.ReconcileAsync(full: true);

        Assert.NotEmpty(reason);
        Assert.Equal(0, Number(run, "differences"));
        Assert.Equal(1L, await _application.ScalarAsync<long>("SELECT count(*) FROM adjustments WHERE reason IS NULL"));
    }

    [Fact]
    public async Task What_somebody_wrote_about_a_refund_is_healed_and_stands_in_no_report()
    {
        var bought = await _application.BuyAsync("team");
        await _application.Paddle.ControlAsync(HttpMethod.Post, "scenarios/refund", new { subscriptionId = bought.Subscription });
        await _application.ReconcileAsync();
        var reason = await _application.ScalarAsync<string>("SELECT reason FROM adjustments");
        await _application.ExecuteAsync("UPDATE adjustments SET reason = 'Anna has moved'");

        var run = await _application.ReconcileAsync(full: true);

        var difference = Assert.Single(await DifferencesAsync(run), row => Text(row, "field") == "reason");
        Assert.True(difference.GetProperty("isHealed").GetBoolean());
        Assert.Equal((null, null), (Text(difference, "ours"), Text(difference, "theirs")));
        Assert.Equal(reason, await _application.ScalarAsync<string>("SELECT reason FROM adjustments"));
    }

    [Fact]
    public async Task Everything_that_happened_while_nobody_listened_is_caught_up_with()
    {
        var bought = await _application.BuyAsync("team");
        await _application.Paddle.ControlAsync(HttpMethod.Post, "clock", new { advanceBy = TimeSpan.FromDays(31) });
        await _application.Paddle.ControlAsync(HttpMethod.Post, "scenarios/refund", new { subscriptionId = bought.Subscription });
        await _application.Paddle.CallAsync(HttpMethod.Post, $"subscriptions/{bought.Subscription}/cancel", new { effective_from = "immediately" });

        var run = await _application.ReconcileAsync();

        Assert.Equal(Number(run, "differences"), Number(run, "healed"));
        var subscription = await _application.SubscriptionAsync(bought);
        Assert.Equal(("canceled", false), (Text(subscription, "status"), subscription.GetProperty("grantsAccess").GetBoolean()));
        var payments = await _application.GetAsync($"/api/admin/transactions?subscription={bought.Subscription}&status=completed");
        Assert.Equal(2, payments.GetProperty("items").GetArrayLength());
        var refunds = await _application.GetAsync("/api/admin/adjustments?action=refund");
        Assert.Equal(1, refunds.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Something_live_that_Paddle_does_not_know_is_reported_and_left_as_it_is()
    {
        var bought = await _application.BuyAsync("team");
        await _application.Paddle.ControlAsync(HttpMethod.Post, "reset");

        var run = await _application.ReconcileAsync();

        Assert.True(Number(run, "differences") > Number(run, "healed"));
        var unknown = (await DifferencesAsync(run)).Where(row => Text(row, "field") == "unknownAtProvider").ToArray();
        Assert.Contains(unknown, row => Text(row, "paddleId") == bought.Subscription && !row.GetProperty("isHealed").GetBoolean());
        Assert.Contains(unknown, row => Text(row, "entity") == "price");
        Assert.Equal("active", Text(await _application.SubscriptionAsync(bought), "status"));
        await Eventually.EqualAsync(
            "degraded",
            async () => Text((await _application.GetAsync("/health")).GetProperty("checks"), "paddle-reconciliation"),
            "the line of the health report");
    }

    [Fact]
    public async Task A_comparison_that_was_interrupted_is_taken_up_where_it_ended()
    {
        var bought = await _application.BuyAsync("team");
        var later = await _application.Paddle.BuyAsync(await _application.PriceOfAsync("team"));
        var id = Guid.CreateVersion7();
        await _application.ExecuteAsync(
            $"""
            INSERT INTO reconciliation_runs (id, trigger, started_at, status, compared, differences, healed, position)
            VALUES ('{id}', 'Nightly', now() - interval '1 hour', 'Running', 7, 0, 0, 'Customers:{bought.Customer}')
            """);

        // Whoever asks for another one is told of it, and its end is waited for.
        await _application.PostAsync("/api/admin/paddle/reconciliation", new { }, HttpStatusCode.Conflict);
        await using var other = _application.WithWebHostBuilder(_ => { });
        using var started = other.CreateClient();
        var run = await Eventually.GetAsync(
            () => _application.GetAsync($"/api/admin/paddle/reconciliation/{id}"), row => Text(row, "status") == "completed", "the end of the comparison");

        Assert.True(Number(run, "compared") > 7);
        Assert.DoesNotContain(await DifferencesAsync(run), row => Text(row, "entity") is "product" or "price");
        Assert.Equal("active", Text(await _application.SubscriptionAsync(later), "status"));
    }

    [Fact]
    public async Task An_outage_of_Paddles_in_the_middle_is_waited_for()
    {
        await _application.BuyAsync("team");
        await _application.Paddle.ControlAsync(HttpMethod.Post, "api-faults", new { count = 5, status = 503, code = "service_unavailable", path = "subscriptions" });

        var run = await _application.ReconcileAsync();

        Assert.Equal("completed", Text(run, "status"));
    }

    [Fact]
    public async Task After_a_long_absence_the_service_compares_by_itself()
    {
        var bought = await _application.BuyAsync("team");
        await _application.Paddle.CallAsync(HttpMethod.Post, $"subscriptions/{bought.Subscription}/cancel", new { effective_from = "immediately" });
        await _application.ExecuteAsync("UPDATE reconciliation_runs SET started_at = started_at - interval '4 days', finished_at = finished_at - interval '4 days'");

        await using var back = _application.WithWebHostBuilder(builder => builder.UseSetting("Billing:Reconciliation:Enabled", "true"));
        using var started = back.CreateClient();

        await Eventually.EqualAsync("canceled", async () => Text(await _application.SubscriptionAsync(bought), "status"), "the subscription");
        var runs = (await _application.GetAsync("/api/admin/paddle/reconciliation")).GetProperty("items");
        Assert.Equal("downtime", Text(runs[0], "trigger"));
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private async Task<JsonElement[]> DifferencesAsync(JsonElement run) =>
    [
        .. (await _application.GetAsync($"/api/admin/paddle/reconciliation/{Text(run, "id")}/differences?limit=200")).GetProperty("items").EnumerateArray(),
    ];
}
