using System.Text.Json;
using System.Text.Json.Nodes;
using BotGeneric.Testing;

namespace BotGeneric.Billing.Tests.Upgrades;

/// <summary>An upgrade takes nothing from anybody: not the plan that was bought, not the account that it is for, not the price at Paddle.</summary>
public sealed class UpgradeTests : IAsyncLifetime
{
    private readonly UpgradedApplication _application = new();

    public Task InitializeAsync() => _application.InitializeAsync();

    public Task DisposeAsync() => ((IAsyncLifetime)_application).DisposeAsync();

    [Fact]
    public async Task Who_has_bought_keeps_plan_version_limits_and_account()
    {
        foreach (var subscriber in new[] { _application.Quiet, _application.Waiting })
        {
            await Eventually.EqualAsync("Applied", StatusAsync, "the event that waited");
            var subscription = await _application.SubscriptionAsync(subscriber.Bought);
            Assert.Equal(
                ("active", "pro", 2, true, subscriber.Account),
                (Text(subscription, "status"), Text(subscription, "planCode"), subscription.GetProperty("planVersion").GetInt32(),
                    subscription.GetProperty("grantsAccess").GetBoolean(), subscription.GetProperty("accountId").GetGuid()));
            Assert.Equal(500, subscription.GetProperty("entitlements")[0].GetProperty("limit").GetInt64());
            Assert.Equal((true, true), (subscription.GetProperty("isLinked").GetBoolean(), subscription.GetProperty("isPrimary").GetBoolean()));
            Assert.Equal(subscriber.Bought.Customer, Text(subscription, "customerId"));
        }

        var plan = await _application.GetAsync("/api/admin/plans/pro");
        Assert.Equal((3, 700L), (plan.GetProperty("version").GetInt32(), plan.GetProperty("entitlements")[0].GetProperty("limit").GetInt64()));
        Assert.DoesNotContain("\"0", (await _application.GetAsync("/api/plans/pro")).GetRawText(), StringComparison.Ordinal);

        async Task<string> StatusAsync()
        {
            await _application.GetAsync("/api/plans");
            return await _application.ScalarAsync<string>("SELECT status FROM paddle_inbox WHERE event_id = 'evt_waits'");
        }
    }

    [Fact]
    public async Task The_inbox_is_as_it_was()
    {
        await _application.GetAsync("/api/plans");

        Assert.Equal(3L, await _application.ScalarAsync<long>("SELECT count(*) FROM paddle_inbox WHERE event_type = 'subscription.created' AND status = 'Applied'"));
        Assert.Equal(2L, await _application.ScalarAsync<long>("SELECT count(*) FROM paddle_inbox WHERE status = 'Ignored'"));
        Assert.Equal(6L, await _application.ScalarAsync<long>("SELECT count(*) FROM paddle_inbox"));
    }

    [Fact]
    public async Task A_comparison_fills_in_what_the_early_version_did_not_know()
    {
        Assert.Equal("completed", Text(await _application.ReconcileAsync(), "status"));

        var known = await _application.SubscriptionAsync(_application.Quiet.Bought);
        Assert.Equal((_application.Quiet.Account, true, 2), (
            known.GetProperty("accountId").GetGuid(), known.GetProperty("grantsAccess").GetBoolean(), known.GetProperty("planVersion").GetInt32()));
        Assert.NotEqual(JsonValueKind.Null, known.GetProperty("startedAt").ValueKind);
        Assert.NotEqual(JsonValueKind.Null, known.GetProperty("paidPeriodStart").ValueKind);
        Assert.Equal(
            _application.Quiet.Account.ToString(),
            await _application.ScalarAsync<string>($"SELECT account_id::text FROM transactions WHERE paddle_id = '{_application.Quiet.Bought.Transaction}'"));

        // Nobody has said whose it is, so an admin finds it among those to be linked.
        var unknown = await _application.SubscriptionAsync(_application.Unknown.Bought);
        Assert.Equal((true, false), (unknown.GetProperty("grantsAccess").GetBoolean(), unknown.GetProperty("isLinked").GetBoolean()));
    }

    [Fact]
    public async Task A_push_leaves_a_price_at_Paddle_that_nobody_has_archived()
    {
        var report = await _application.PushAsync();

        var left = report.GetProperty("items").EnumerateArray().Single(item => Text(item, "paddleId") == _application.Price);
        Assert.Equal(("none", "done"), (Text(left, "action"), Text(left, "outcome")));
        Assert.Contains("importAmounts", Text(left, "problem"), StringComparison.Ordinal);
        var price = await PaddlePriceAsync();
        Assert.Equal(("active", "2900", "EUR"), ((string)price["status"]!, (string)price["unit_price"]!["amount"]!, (string)price["unit_price"]!["currency_code"]!));
    }

    [Fact]
    public async Task A_pull_takes_the_amount_over_and_sells_the_price_again()
    {
        var said = await PullAsync(new { });
        var taken = await PullAsync(new { importAmounts = true });
        await _application.PushAsync();

        Assert.Equal("none", Text(said, "action"));
        Assert.Contains("importAmounts", Text(said, "problem"), StringComparison.Ordinal);
        Assert.Equal(("import", "done"), (Text(taken, "action"), Text(taken, "outcome")));
        var price = (await _application.GetAsync("/api/admin/plans/pro")).GetProperty("prices")[0];
        Assert.Equal(("29.00", "EUR"), (Text(price.GetProperty("price"), "amount"), Text(price.GetProperty("price"), "currency")));
        Assert.Equal((JsonValueKind.Null, false, _application.Price), (
            price.GetProperty("archivedAt").ValueKind, price.GetProperty("isInherited").GetBoolean(), Text(price, "paddlePriceId")));
        var theirs = await PaddlePriceAsync();
        Assert.Equal(("active", "2900"), ((string)theirs["status"]!, (string)theirs["unit_price"]!["amount"]!));
    }

    [Fact]
    public async Task What_the_plan_sells_already_goes_before_a_price_of_the_early_version()
    {
        await _application.PutAsync("/api/admin/plans/pro", Plan(31.00m, null));
        await PullAsync(new { importAmounts = true });
        await _application.PushAsync();

        var prices = (await _application.GetAsync("/api/admin/plans/pro")).GetProperty("prices").EnumerateArray().ToArray();
        Assert.Equal([("31.00", false), ("29.00", true)], prices.Select(price => (Text(price.GetProperty("price"), "amount"), price.GetProperty("isInherited").GetBoolean())));
        Assert.Equal("active", (string)(await PaddlePriceAsync())["status"]!);
    }

    [Fact]
    public async Task A_plan_that_names_the_price_sells_it()
    {
        await _application.PutAsync("/api/admin/plans/pro", Plan(29.00m, _application.Price));
        await _application.PushAsync();

        var price = Assert.Single((await _application.GetAsync("/api/admin/plans/pro")).GetProperty("prices").EnumerateArray());
        Assert.Equal((JsonValueKind.Null, false), (price.GetProperty("archivedAt").ValueKind, price.GetProperty("isInherited").GetBoolean()));
        var theirs = await PaddlePriceAsync();
        Assert.Equal(("active", "2900"), ((string)theirs["status"]!, (string)theirs["unit_price"]!["amount"]!));
    }

    [Fact]
    public async Task A_price_of_a_plan_that_an_operator_archives_is_archived_at_Paddle()
    {
        await _application.PostAsync("/api/admin/plans/pro/archive", new { reason = "Nobody wants it" });
        await _application.PushAsync();

        Assert.Equal("archived", (string)(await PaddlePriceAsync())["status"]!);
    }

    private static object Plan(decimal amount, string? paddlePriceId) => new
    {
        name = new { en = "Pro" },
        entitlements = new[] { new { meter = "llm.requests", window = "day", limit = 700 } },
        prices = new[] { new { amount, currency = "EUR", paddlePriceId } },
    };

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private async Task<JsonElement> PullAsync(object request)
    {
        var report = await _application.PostAsync("/api/admin/plans/pull", request);
        return report.GetProperty("prices").EnumerateArray().Single(price => Text(price, "paddlePriceId") == _application.Price);
    }

    private Task<JsonNode> PaddlePriceAsync() => _application.Paddle.CallAsync(HttpMethod.Get, $"prices/{_application.Price}");
}
