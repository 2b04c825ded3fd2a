using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Testing;

namespace BotGeneric.System.Tests;

[Collection(RunningSystem.Collection)]
public sealed class SubscriptionFlowTests(RunningSystem system)
{
    [Fact]
    public async Task A_payment_raises_the_limit_and_a_cancellation_lowers_it_again()
    {
        var free = RequestLimit(await LimitsAsync());

        await system.BuyAsync("max");
        var raised = await Eventually.GetAsync(LimitsAsync, limits => Plans(limits).SequenceEqual(["max"]), "the plan to count");

        using var canceled = await system.Operator.PostAsJsonAsync("/api/subscriptions/current/cancel", new { when = "now" });
        Assert.Equal(HttpStatusCode.OK, canceled.StatusCode);
        var lowered = await Eventually.GetAsync(LimitsAsync, limits => !Plans(limits).Any(), "the plan to end");

        Assert.True(RequestLimit(raised) > free);
        Assert.Equal(free, RequestLimit(lowered));
        var stored = await Eventually.GetAsync(
            async () => (await system.GetAsync("/api/admin/paddle/events?type=subscription.canceled")).GetProperty("items").EnumerateArray().ToList(),
            events => events.Exists(row => row.GetProperty("status").GetString() is "applied" or "superseded"),
            "Paddle's own word of it");
        Assert.DoesNotContain(stored, row => row.GetProperty("status").GetString() == "failed");
        await Eventually.GetAsync(
            () => system.GetAsync("/api/admin/stats/subscriptions"),
            stats => stats.GetProperty("items").EnumerateArray().Any(item => item.GetProperty("status").GetString() == "canceled"),
            "the statistics to follow");
    }

    [Fact]
    public async Task One_trace_runs_from_the_webhook_at_the_gateway_to_the_last_consumer()
    {
        var before = TimeProvider.System.GetUtcNow();
        await system.SellAsync(RunningSystem.SomePrice);

        var spans = await system.TraceAsync("POST /webhooks/paddle", before, "billing", "policy", "analytics");

        // The payment of a new subscription changes it too; either notification may be the one that was found.
        Assert.Contains(spans, span => span is { Service: "billing", Name: "apply subscription.created" or "apply subscription.activated" or "apply transaction.paid" or "apply transaction.completed" });
        Assert.All(["policy", "analytics"], service => Assert.Contains(spans, span => span.Service == service && span.Kind == "consumer"));
    }

    private static IEnumerable<string?> Plans(JsonElement limits) => limits.GetProperty("plans").EnumerateArray().Select(plan => plan.GetString());

    private static long RequestLimit(JsonElement limits) => limits.GetProperty("limits").EnumerateArray()
        .Single(limit => limit.GetProperty("meter").GetString() == "llm.requests" && limit.GetProperty("window").GetString() == "day").GetProperty("limit").GetInt64();

    private Task<JsonElement> LimitsAsync() => system.GetAsync("/api/policy/limits");
}
