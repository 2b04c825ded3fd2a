using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace BotGeneric.Usage.Prices;

/// <summary>
/// Says that calls come in for which no price is known: each is counted, each model is logged once by a process. Which they are and how many is in
/// <c>GET /api/admin/prices/unpriced</c>.
/// </summary>
/// <param name="logger">The log.</param>
public sealed partial class UnpricedModels(ILogger<UnpricedModels> logger)
{
    // Names come from whoever reports usage, so that there may be any number of them.
    private const int MaximumNames = 1_000;

    private static readonly Counter<long> Calls = UsageMetrics.Meter.CreateCounter<long>(
        "usage.prices.unpriced", "{call}", "Calls recorded without a cost because no price is known for the model.");

    private static readonly Counter<long> Fallbacks = UsageMetrics.Meter.CreateCounter<long>(
        "usage.prices.fallback", "{call}", "Calls recorded with the price of models that have none of their own.");

    private readonly ConcurrentDictionary<(string? Provider, string? Model), bool> _met = new();

    /// <summary>A call was priced as those of models without a price are.</summary>
    public void MetFallback() => Fallbacks.Add(1);

    /// <summary>A call without a price was met.</summary>
    /// <param name="provider">The provider as reported.</param>
    /// <param name="model">The model as reported.</param>
    public void Met(string? provider, string? model)
    {
        Calls.Add(1);
        if (_met.Count < MaximumNames && _met.TryAdd((provider, model), true))
        {
            LogUnpriced(logger, model ?? "(no model)", provider ?? "(no provider)");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "No price is known for {Model} of {Provider}; its calls are recorded without a cost until POST /api/admin/prices and reprice")]
    private static partial void LogUnpriced(ILogger logger, string model, string provider);
}
