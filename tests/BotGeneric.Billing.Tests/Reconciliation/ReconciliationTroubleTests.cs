using System.Text.Json;
using BotGeneric.Billing.Tests.Operations;

namespace BotGeneric.Billing.Tests.Reconciliation;

/// <summary>Comparing with Paddle when something cannot be read or written: it is reported, and everything else goes on.</summary>
public sealed class ReconciliationTroubleTests : IAsyncLifetime
{
    private readonly OperationsApplication _application = new();

    public Task InitializeAsync() => _application.InitializeAsync();

    public Task DisposeAsync() => ((IAsyncLifetime)_application).DisposeAsync();

    [Fact]
    public async Task What_cannot_be_read_is_reported_and_everything_else_is_compared()
    {
        await _application.PushAsync();
        var price = await _application.PriceOfAsync("team");
        var (strange, other) = (await _application.Paddle.BuyAsync(price), await _application.Paddle.BuyAsync(price));
        foreach (var id in new[] { strange.Subscription, strange.Transaction, strange.Customer, price })
        {
            _application.Damage.Add(id);
        }

        var run = await _application.ReconcileAsync();

        Assert.Equal("completed", Text(run, "status"));
        var differences = await DifferencesAsync(run);
        var unreadable = differences.Where(row => Text(row, "field") == "unreadable").ToList();
        Assert.Equal(
            new[] { strange.Subscription, strange.Transaction, strange.Customer, price }.Order(StringComparer.Ordinal),
            unreadable.Select(row => Text(row, "paddleId")!).Order(StringComparer.Ordinal));
        Assert.All(unreadable, row => Assert.Equal(("$.created_at", false), (Text(row, "theirs"), row.GetProperty("isHealed").GetBoolean())));
        Assert.Equal(4, Number(run, "differences") - Number(run, "healed"));
        Assert.Equal("active", Text(await _application.SubscriptionAsync(other), "status"));

        // Nothing that is there counts as unknown there.
        Assert.DoesNotContain(differences, row => Text(row, "field") == "unknownAtProvider");

        _application.Damage.Clear();
        Assert.Equal("completed", Text(await _application.ReconcileAsync(full: true), "status"));
        Assert.Equal("active", Text(await _application.SubscriptionAsync(strange), "status"));
    }

    [Fact]
    public async Task A_subscription_that_is_asked_for_by_itself_and_cannot_be_read_is_reported_too()
    {
        var bought = await _application.BuyAsync("team");
        _application.Damage.Add(bought.Subscription, isListed: false);

        var run = await _application.ReconcileAsync();

        Assert.Equal("completed", Text(run, "status"));
        var difference = Assert.Single(await DifferencesAsync(run));
        Assert.Equal((bought.Subscription, "unreadable"), (Text(difference, "paddleId"), Text(difference, "field")));
        Assert.Equal("active", Text(await _application.SubscriptionAsync(bought), "status"));
    }

    [Fact]
    public async Task Other_changes_at_the_same_moment_are_given_way_to()
    {
        await _application.PushAsync();
        var bought = await _application.Paddle.BuyAsync(await _application.PriceOfAsync("team"));
        await using var trouble = await Trouble.BeginAsync(_application.Database.ConnectionString, "subscriptions", "true", Trouble.Deadlock, times: 3);

        var run = await _application.ReconcileAsync();

        Assert.Equal(("completed", Number(run, "differences")), (Text(run, "status"), Number(run, "healed")));
        Assert.Equal("active", Text(await _application.SubscriptionAsync(bought), "status"));
    }

    [Fact]
    public async Task What_cannot_be_written_is_reported_and_everything_else_is_healed()
    {
        await _application.PushAsync();
        var price = await _application.PriceOfAsync("team");
        var (stuck, other) = (await _application.Paddle.BuyAsync(price), await _application.Paddle.BuyAsync(price));
        await using var trouble = await Trouble.BeginAsync(
            _application.Database.ConnectionString, "subscriptions", $"NEW.paddle_id = '{stuck.Subscription}'", Trouble.Deadlock);

        var run = await _application.ReconcileAsync();

        Assert.Equal("completed", Text(run, "status"));
        var open = (await DifferencesAsync(run)).Where(row => !row.GetProperty("isHealed").GetBoolean()).ToList();
        Assert.Equal((stuck.Subscription, "unreadable"), (Text(Assert.Single(open), "paddleId"), Text(open[0], "field")));
        Assert.Equal("active", Text(await _application.SubscriptionAsync(other), "status"));
    }

    [Fact]
    public async Task A_key_that_is_refused_ends_the_comparison_at_once()
    {
        await _application.BuyAsync("team");
        await _application.Paddle.ControlAsync(HttpMethod.Post, "api-faults", new { count = 1000, status = 403, code = "forbidden", path = "subscriptions" });

        var run = await _application.ReconcileAsync();

        Assert.Equal("failed", Text(run, "status"));
        Assert.Contains("forbidden", Text(run, "error"), StringComparison.Ordinal);
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private async Task<JsonElement[]> DifferencesAsync(JsonElement run) =>
    [
        .. (await _application.GetAsync($"/api/admin/paddle/reconciliation/{Text(run, "id")}/differences?limit=200")).GetProperty("items").EnumerateArray(),
    ];
}
