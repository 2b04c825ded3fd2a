using System.Globalization;
using System.Text.Json;
using BotGeneric.Usage.Domain;

namespace BotGeneric.Usage.Prices;

/// <summary>A model of LiteLLM's list.</summary>
/// <param name="Provider">Its <c>litellm_provider</c>.</param>
/// <param name="Model">Its name there.</param>
/// <param name="Tiers">Its prices; null when it has none that calls of a language model are billed by.</param>
/// <param name="Note">Why it has none, or what was done to the figures.</param>
/// <param name="IsInvalid">Whether the figures cannot be read, as opposed to being for something else than tokens.</param>
public sealed record ListedModel(string Provider, string Model, IReadOnlyList<PriceTier>? Tiers, string? Note, bool IsInvalid);

/// <summary>
/// Reads <c>model_prices_and_context_window.json</c> of LiteLLM: an object of models, each with the price of a token as a number, such as
/// <c>input_cost_per_token: 2.5e-06</c>, and again with <c>_above_200k_tokens</c> and the like behind it. Whatever else there is in it is passed over: prices of
/// other service levels (<c>_flex</c>, <c>_priority</c>, <c>_batches</c>), of audio, images and seconds, and what a model can do.
/// </summary>
public static class LiteLlmPrices
{
    private const string Example = "sample_spec";

    private static readonly string[] TokenModes = ["chat", "completion", "responses", "embedding"];

    /// <summary>Reads the list.</summary>
    /// <param name="list">The root of the document.</param>
    /// <returns>Each model of it, in its order.</returns>
    public static IEnumerable<ListedModel> Read(JsonElement list)
    {
        foreach (var model in list.EnumerateObject())
        {
            if (model.Name != Example)
            {
                yield return ReadModel(model.Name, model.Value);
            }
        }
    }

    private static ListedModel ReadModel(string name, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || Text(json, "litellm_provider") is not { Length: > 0 } provider)
        {
            return new ListedModel(string.Empty, name, null, "litellm_provider is missing.", IsInvalid: true);
        }

        provider = provider.ToLowerInvariant();
        var mode = Text(json, "mode");
        if (mode is not null && !TokenModes.Contains(mode, StringComparer.Ordinal))
        {
            return new ListedModel(provider, name, null, $"Mode {mode} is not billed by tokens of text.", IsInvalid: false);
        }

        if (!json.TryGetProperty("input_cost_per_token", out _) || (mode != "embedding" && !json.TryGetProperty("output_cost_per_token", out _)))
        {
            return new ListedModel(provider, name, null, "It has no price of a token.", IsInvalid: false);
        }

        var figures = new Figures(json);
        var first = figures.Tier(0, string.Empty, fallback: null);
        var tiers = new List<PriceTier> { first };
        foreach (var (bound, suffix) in Bounds(json).DistinctBy(tier => tier.Bound).OrderBy(tier => tier.Bound))
        {
            tiers.Add(figures.Tier(bound, suffix, tiers[^1]));
        }

        return figures.Fault is { } fault
            ? new ListedModel(provider, name, null, fault, IsInvalid: true)
            : new ListedModel(provider, name, tiers, figures.IsRounded ? $"Figures were rounded to {PriceTier.MaximumDecimals} decimals." : null, IsInvalid: false);
    }

    // input_cost_per_token_above_128k_tokens: above 128,000 tokens of input.
    private static IEnumerable<(long Bound, string Suffix)> Bounds(JsonElement json)
    {
        foreach (var member in json.EnumerateObject())
        {
            var start = member.Name.IndexOf("_above_", StringComparison.Ordinal);
            if (start < 0 || !member.Name.EndsWith("k_tokens", StringComparison.Ordinal) || member.Name[..start] is not ("input_cost_per_token" or "output_cost_per_token"
                or "cache_read_input_token_cost" or "cache_creation_input_token_cost" or "output_cost_per_reasoning_token"))
            {
                continue;
            }

            var suffix = member.Name[start..];
            if (int.TryParse(suffix["_above_".Length..^"k_tokens".Length], NumberStyles.None, CultureInfo.InvariantCulture, out var thousands) && thousands > 0)
            {
                yield return (thousands * 1_000L, suffix);
            }
        }
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private sealed class Figures(JsonElement json)
    {
        public string? Fault { get; private set; }

        public bool IsRounded { get; private set; }

        // A figure that a higher tier does not name is that of the tier below.
        public PriceTier Tier(long above, string suffix, PriceTier? fallback) => new()
        {
            AboveInputTokens = above,
            Input = Read("input_cost_per_token" + suffix) ?? fallback?.Input ?? 0,
            CachedInput = Read("cache_read_input_token_cost" + suffix) ?? fallback?.CachedInput,
            CacheWrite = Read("cache_creation_input_token_cost" + suffix) ?? fallback?.CacheWrite,
            Output = Read("output_cost_per_token" + suffix) ?? fallback?.Output ?? 0,
            Reasoning = Read("output_cost_per_reasoning_token" + suffix) ?? fallback?.Reasoning,
            PerRequest = (above == 0 ? Read("input_cost_per_request") : null) ?? fallback?.PerRequest ?? 0,
        };

        private decimal? Read(string name)
        {
            if (!json.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                return null;
            }

            if (!DecimalText.TryReadPrice(value, out var price, out var isRounded))
            {
                Fault ??= $"{name} is not a price: {value.GetRawText()[..Math.Min(40, value.GetRawText().Length)]}.";
                return null;
            }

            IsRounded |= isRounded;
            return price;
        }
    }
}
