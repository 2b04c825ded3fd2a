using System.Diagnostics.Metrics;

namespace BotGeneric.Usage;

/// <summary>The name under which Usage's metrics are collected.</summary>
internal static class UsageMetrics
{
    /// <summary>Every instrument of the service belongs to it.</summary>
    internal static readonly Meter Meter = new("BotGeneric.Usage");
}
