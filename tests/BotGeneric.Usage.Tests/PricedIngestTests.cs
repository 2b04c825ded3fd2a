using System.Net.Http.Json;
using System.Text.Json;

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
}
