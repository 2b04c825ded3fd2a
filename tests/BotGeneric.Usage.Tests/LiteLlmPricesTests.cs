using System.Text.Json;
using BotGeneric.Usage.Prices;

namespace BotGeneric.Usage.Tests;

/// <summary>The format of LiteLLM's list, as its file has it.</summary>
public sealed class LiteLlmPricesTests
{
    private const string List =
        """
        {
            "sample_spec": { "litellm_provider": "one of", "max_tokens": "text", "mode": "one of: chat" },
            "gpt-5.6-sol": {
                "cache_creation_input_token_cost": 6.25e-06, "cache_creation_input_token_cost_above_272k_tokens": 1.25e-05, "cache_creation_input_token_cost_flex": 3.125e-06,
                "cache_read_input_token_cost": 5e-07, "cache_read_input_token_cost_above_272k_tokens": 1e-06, "input_cost_per_token": 5e-06,
                "input_cost_per_token_above_272k_tokens": 1e-05, "input_cost_per_token_priority": 1e-05, "litellm_provider": "openai", "max_input_tokens": 1050000,
                "mode": "chat", "output_cost_per_token": 3e-05, "output_cost_per_token_above_272k_tokens": 4.5e-05, "supports_vision": true
            },
            "xai/grok-4-1-fast": {
                "cache_read_input_token_cost": 5e-08, "input_cost_per_token": 2e-07, "input_cost_per_token_above_128k_tokens": 4e-07, "litellm_provider": "xai",
                "max_input_tokens": 2000000.0, "mode": "chat", "output_cost_per_token": 5e-07, "output_cost_per_token_above_128k_tokens": 1e-06
            },
            "gemini/gemini-2.5-flash": { "input_cost_per_token": 3e-07, "input_cost_per_audio_token": 1e-06, "litellm_provider": "gemini", "mode": "chat", "output_cost_per_reasoning_token": 2.5e-06, "output_cost_per_token": 2.5e-06 },
            "claude-sonnet-4-5": { "cache_creation_input_token_cost_above_1hr": 6e-06, "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 1.2e-05, "input_cost_per_token": 3e-06, "input_cost_per_token_above_200k_tokens": 6e-06, "litellm_provider": "anthropic", "mode": "chat", "output_cost_per_token": 1.5e-05 },
            "whisper-1": { "input_cost_per_second": 0.0001, "litellm_provider": "openai", "mode": "audio_transcription" },
            "heroku/claude-4-sonnet": { "litellm_provider": "heroku", "mode": "chat" },
            "broken": { "input_cost_per_token": "cheap", "output_cost_per_token": -1, "litellm_provider": "openai", "mode": "chat" },
            "nobody": { "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06 },
            "strange": 5
        }
        """;

    private static readonly List<ListedModel> Models = Read();

    [Fact]
    public void Prices_of_tokens_become_tiers_and_the_rest_is_passed_over()
    {
        var tiers = Of("gpt-5.6-sol").Tiers!;

        Assert.Equal([0, 272_000], tiers.Select(tier => tier.AboveInputTokens));
        Assert.Equal((0.000005m, 0.0000005m, 0.00000625m, 0.00003m), (tiers[0].Input, tiers[0].CachedInput, tiers[0].CacheWrite, tiers[0].Output));
        Assert.Equal((0.00001m, 0.000001m, 0.0000125m, 0.000045m), (tiers[1].Input, tiers[1].CachedInput, tiers[1].CacheWrite, tiers[1].Output));
    }

    [Fact]
    public void What_a_higher_tier_does_not_name_stays_as_below()
    {
        var tiers = Of("xai/grok-4-1-fast").Tiers!;

        Assert.Equal((128_000, 0.0000004m, 0.00000005m, 0.000001m), (tiers[1].AboveInputTokens, tiers[1].Input, tiers[1].CachedInput, tiers[1].Output));
    }

    [Fact]
    public void Reasoning_has_a_price_of_its_own_where_the_list_has_one() => Assert.Equal(0.0000025m, Of("gemini/gemini-2.5-flash").Tiers![0].Reasoning);

    [Fact]
    public void Prices_of_a_longer_cache_are_not_taken_for_a_tier_of_input()
    {
        var tiers = Of("claude-sonnet-4-5").Tiers!;

        Assert.Equal([0, 200_000], tiers.Select(tier => tier.AboveInputTokens));
        Assert.All(tiers, tier => Assert.Null(tier.CacheWrite));
    }

    [Theory]
    [InlineData("whisper-1", false)]
    [InlineData("heroku/claude-4-sonnet", false)]
    [InlineData("broken", true)]
    [InlineData("nobody", true)]
    [InlineData("strange", true)]
    public void Models_without_prices_of_tokens_say_why(string model, bool isInvalid)
    {
        var listed = Of(model);

        Assert.Null(listed.Tiers);
        Assert.Equal(isInvalid, listed.IsInvalid);
        Assert.False(string.IsNullOrEmpty(listed.Note));
    }

    [Fact]
    public void The_example_is_no_model() => Assert.DoesNotContain(Models, model => model.Model == "sample_spec");

    private static ListedModel Of(string name) => Models.Single(model => model.Model == name);

    private static List<ListedModel> Read()
    {
        using var json = JsonDocument.Parse(List);
        return [.. LiteLlmPrices.Read(json.RootElement)];
    }
}
