using System.Text.Json;
using BotGeneric.Testing;

namespace BotGeneric.System.Tests;

[Collection(RunningSystem.Collection)]
public sealed class SubscriptionFlowTests(RunningSystem system)
{
    private readonly Guid _account = Guid.CreateVersion7();

    [Fact]
    public async Task A_signed_webhook_raises_the_limit_and_a_cancellation_lowers_it_again()
    {
        var free = RequestLimit(await LimitsAsync());

        var created = await system.NotifyAsync(
            new { eventType = "subscription.created", status = "active", priceId = RunningSystem.ProPrice, accountId = _account });
        var raised = await Eventually.GetAsync(LimitsAsync, limits => Plans(limits).SequenceEqual(["pro"]), "the plan to count");

        await system.NotifyAsync(new
        {
            eventType = "subscription.canceled",
            status = "canceled",
            priceId = RunningSystem.ProPrice,
            subscriptionId = created.GetProperty("subscriptionId").GetString(),
            customerId = created.GetProperty("customerId").GetString(),
        });
        var lowered = await Eventually.GetAsync(LimitsAsync, limits => !Plans(limits).Any(), "the plan to end");

        Assert.True(RequestLimit(raised) > free);
        Assert.Equal(free, RequestLimit(lowered));
        var stored = (await system.GetAsync("/api/admin/paddle/events")).GetProperty("items").EnumerateArray()
            .Single(row => row.GetProperty("eventId").GetString() == created.GetProperty("eventId").GetString());
        Assert.Equal("applied", stored.GetProperty("status").GetString());
        await Eventually.GetAsync(
            () => system.GetAsync("/api/admin/stats/subscriptions"),
            stats => stats.GetProperty("items").EnumerateArray().Any(item => item.GetProperty("status").GetString() == "canceled"),
            "the statistics to follow");
    }

    [Fact]
    public async Task One_trace_runs_from_the_webhook_at_the_gateway_to_the_last_consumer()
    {
        var before = TimeProvider.System.GetUtcNow();
        await system.NotifyAsync(
            new { eventType = "subscription.created", status = "active", priceId = RunningSystem.ProPrice, accountId = _account });

        var spans = await system.TraceAsync("POST /webhooks/paddle", before, "billing", "policy", "analytics");

        Assert.Contains(spans, span => span is { Service: "billing", Name: "apply subscription.created" });
        Assert.All(["policy", "analytics"], service => Assert.Contains(spans, span => span.Service == service && span.Kind == "consumer"));
    }

    private static IEnumerable<string?> Plans(JsonElement limits) => limits.GetProperty("plans").EnumerateArray().Select(plan => plan.GetString());

    private static long RequestLimit(JsonElement limits) => limits.GetProperty("limits").EnumerateArray()
        .Single(limit => limit.GetProperty("meter").GetString() == "llm.requests").GetProperty("limit").GetInt64();

    private Task<JsonElement> LimitsAsync() => system.GetAsync($"/api/policy/limits?account={_account}");
}
