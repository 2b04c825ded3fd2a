using System.Net;
using System.Net.Http.Json;

namespace BotGeneric.Simulators.Tests.Paddle;

/// <summary>Scenarios: a month of somebody's life in one call.</summary>
public sealed class ScenarioTests : IAsyncLifetime
{
    private PaddleSimulatorHost _paddle = null!;

    public async Task InitializeAsync() => _paddle = await PaddleSimulatorHost.StartAsync();

    public async Task DisposeAsync() => await _paddle.DisposeAsync();

    [Theory]
    [InlineData("subscription_creation", "active", "transaction.completed")]
    [InlineData("renewal", "active", "transaction.completed")]
    [InlineData("dunning_recovered", "active", "transaction.completed")]
    [InlineData("dunning_exhausted", "canceled", "subscription.canceled")]
    [InlineData("pause", "paused", "subscription.paused")]
    [InlineData("resume", "active", "transaction.completed")]
    [InlineData("cancellation", "canceled", "subscription.canceled")]
    [InlineData("refund", "active", "adjustment.updated")]
    [InlineData("chargeback", "active", "adjustment.created")]
    [InlineData("chargeback_reverse", "active", "adjustment.created")]
    public async Task A_scenario_plays_with_a_new_subscription(string name, string status, string last)
    {
        var played = await _paddle.ControlAsync(HttpMethod.Post, $"scenarios/{name}", new { customData = new { accountId = "a-1" } });
        var envelopes = await _paddle.DeliveredAsync();

        Assert.Equal(last, (string)envelopes[^1]["event_type"]!);
        Assert.Equal(played["eventTypes"]!.AsArray().Select(type => (string)type!), envelopes.Select(envelope => (string)envelope["event_type"]!));
        var subscription = await _paddle.DataAsync(HttpMethod.Get, $"subscriptions/{played["subscriptionId"]}");
        Assert.Equal((status, "a-1"), ((string)subscription["status"]!, (string)subscription["custom_data"]!["accountId"]!));
    }

    [Fact]
    public async Task A_scenario_plays_with_an_existing_subscription()
    {
        var bought = await _paddle.BuyAsync();

        await _paddle.ControlAsync(HttpMethod.Post, "scenarios/dunning_exhausted", new { subscriptionId = bought.Subscription, dunningExhaustedAction = "subscription_paused" });
        await _paddle.ControlAsync(HttpMethod.Post, "scenarios/resume", new { subscriptionId = bought.Subscription });
        await _paddle.ControlAsync(HttpMethod.Post, "scenarios/cancellation", new { subscriptionId = bought.Subscription });

        Assert.Equal("canceled", (string)(await _paddle.DataAsync(HttpMethod.Get, $"subscriptions/{bought.Subscription}"))["status"]!);
        using var refused = await _paddle.Http.PostAsJsonAsync("/paddle/control/scenarios/renewal", new { subscriptionId = bought.Subscription });
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
    }

    [Fact]
    public async Task A_simulated_scenario_has_ids_of_its_own_and_leaves_nothing_behind()
    {
        await _paddle.ControlAsync(HttpMethod.Post, "scenarios/renewal", new { simulated = true });

        var envelopes = await _paddle.DeliveredAsync();

        Assert.Equal(7, envelopes.Count);
        Assert.All(envelopes, envelope =>
        {
            Assert.StartsWith("ntfsimevt_", (string)envelope["event_id"]!, StringComparison.Ordinal);
            Assert.StartsWith("ntfsimntf_", (string)envelope["notification_id"]!, StringComparison.Ordinal);
        });
        Assert.Empty((await _paddle.DataAsync(HttpMethod.Get, "events")).AsArray());
        Assert.Empty((await _paddle.DataAsync(HttpMethod.Get, "subscriptions")).AsArray());
        Assert.Empty((await _paddle.DataAsync(HttpMethod.Get, "transactions")).AsArray());
        Assert.Empty((await _paddle.DataAsync(HttpMethod.Get, "customers")).AsArray());
    }

    [Fact]
    public async Task A_chargeback_that_is_won_is_reversed()
    {
        var bought = await _paddle.BuyAsync();
        await _paddle.ControlAsync(HttpMethod.Post, "scenarios/chargeback", new { subscriptionId = bought.Subscription });
        await _paddle.DeliveredAsync();

        await _paddle.ControlAsync(HttpMethod.Post, "scenarios/chargeback_reverse", new { subscriptionId = bought.Subscription });

        var envelopes = await _paddle.DeliveredAsync();
        Assert.Equal(
            [("adjustment.updated", "chargeback", "reversed"), ("adjustment.created", "chargeback_reverse", "approved")],
            envelopes.Select(envelope => ((string)envelope["event_type"]!, (string)envelope["data"]!["action"]!, (string)envelope["data"]!["status"]!)));
        Assert.Equal("3000", (string)(await _paddle.DataAsync(HttpMethod.Get, $"transactions/{bought.Transaction}"))["details"]!["adjusted_totals"]!["total"]!);
    }

    [Fact]
    public async Task The_state_can_be_looked_at()
    {
        var bought = await _paddle.BuyAsync();

        var state = await _paddle.ControlAsync(HttpMethod.Get, "state");

        Assert.Equal(bought.Subscription, (string)state["subscriptions"]![0]!["id"]!);
        Assert.Equal(12, state["notifications"]!.AsArray().Count);
    }

    [Fact]
    public async Task No_foreign_name_leads_to_the_control_api()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/paddle/control/reset") { Headers = { Host = "evil.example" } };

        using var response = await _paddle.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }
}
