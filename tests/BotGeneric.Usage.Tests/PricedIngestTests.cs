using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BotGeneric.Usage.Tests;

/// <summary>What is reported is priced as it is recorded, and history shows it.</summary>
public sealed class PricedIngestTests(UsageApplication application) : IClassFixture<UsageApplication>
{
    private readonly HttpClient _client = application.CreateOperatorClient();

    [Fact]
    public async Task A_call_is_recorded_with_the_cost_of_the_price_in_force_and_without_one_when_there_is_none()
    {
        var account = Guid.CreateVersion7();
        var now = TimeProvider.System.GetUtcNow();

        foreach (var (id, model) in new[] { ("priced", "claude-sonnet-4-5"), ("unknown", "no-such-model") })
        {
            using var response = await _client.PostAsJsonAsync("/api/usage/events", new
            {
                specversion = "1.0",
                type = "llm.call.v1",
                source = "tests",
                id,
                subject = account,
                time = now,
                data = new { feature = "chat", provider = "anthropic", model, inputTokens = 1_000, cachedInputTokens = 200, cacheWriteTokens = 30, outputTokens = 40, reasoningTokens = 5 },
            });
            response.EnsureSuccessStatusCode();
        }

        var entries = (await _client.GetFromJsonAsync<JsonElement>($"/api/usage/history?account={account}")).GetProperty("items").EnumerateArray()
            .ToDictionary(entry => entry.GetProperty("sourceId").GetString()!, entry => entry.GetProperty("cost"));
        // 1000 × 3 + 200 × 0.3 + 30 × 3.75 + 45 × 15 dollars a million.
        Assert.Equal(("0.0038475", "USD"), (entries["priced"].GetProperty("amount").GetString(), entries["priced"].GetProperty("currency").GetString()));
        Assert.Equal(JsonValueKind.Null, entries["unknown"].ValueKind);
        var unpriced = (await _client.GetFromJsonAsync<JsonElement>("/api/admin/prices/unpriced")).GetProperty("items").EnumerateArray();
        Assert.Contains(unpriced, model => model.GetProperty("model").GetString() == "no-such-model" && model.GetProperty("calls").GetInt64() == 1);
    }

    [Fact]
    public async Task Calls_without_a_cost_are_seen_in_the_health_report_until_they_have_one_and_a_price_for_every_other_model_leaves_none()
    {
        await using var usage = new ClockedUsage();
        await usage.InitializeAsync();
        using var client = usage.CreateOperatorClient();
        Assert.Equal(HealthStatus.Healthy, await HealthAsync());
        var account = Guid.CreateVersion7();
        await ReportAsync("before");
        usage.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HealthStatus.Degraded, await HealthAsync());

        var tiers = new[] { new { aboveInputTokens = 0, input = "0.000001", output = "0.00001" } };
        using var added = await client.PostAsJsonAsync("/api/admin/prices", new { provider = "*", model = "*", source = "a guess, rather too high", tiers, effectiveFrom = usage.Clock.GetUtcNow().AddHours(-1) });
        Assert.True(added.IsSuccessStatusCode, await added.Content.ReadAsStringAsync());
        await ReportAsync("after");
        using var repriced = await client.PostAsJsonAsync(
            "/api/admin/prices/reprice", new { model = "no-such-model", provider = "nobody", from = usage.Clock.GetUtcNow().AddHours(-1), to = usage.Clock.GetUtcNow().AddHours(1) });
        repriced.EnsureSuccessStatusCode();
        usage.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(HealthStatus.Healthy, await HealthAsync());
        var summary = await client.GetFromJsonAsync<JsonElement>(
            $"/api/usage/summary?account={account}&from={usage.Clock.GetUtcNow().AddDays(-1).UtcDateTime:yyyy-MM-dd}T00:00:00Z&to={usage.Clock.GetUtcNow().AddDays(1).UtcDateTime:yyyy-MM-dd}T00:00:00Z");
        // Twice 1,000 × 1 and 10 × 10 dollars a million.
        Assert.Contains("0.0022", summary.GetProperty("totals").GetProperty("cost").ToString(), StringComparison.Ordinal);
        await ((IAsyncLifetime)usage).DisposeAsync();

        async Task ReportAsync(string id)
        {
            using var response = await client.PostAsJsonAsync("/api/usage/events", new
            {
                specversion = "1.0",
                type = "llm.call.v1",
                source = "tests",
                id,
                subject = account,
                data = new { provider = "nobody", model = "no-such-model", inputTokens = 1_000, outputTokens = 10 },
            });
            response.EnsureSuccessStatusCode();
        }

        async Task<HealthStatus> HealthAsync() =>
            (await usage.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Name == "unpriced-models")).Status;
    }
}
