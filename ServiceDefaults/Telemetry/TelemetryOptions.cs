using System.ComponentModel.DataAnnotations;

namespace BotGeneric.ServiceDefaults.Telemetry;

/// <summary>Keys under <c>Telemetry</c>.</summary>
public sealed class TelemetryOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Telemetry";

    /// <summary>What is recorded outside development when nothing else is said.</summary>
    internal const double DefaultTraceSampleRatio = 0.1;

    /// <summary>
    /// Which part of the traces is recorded, from 0 (none) to 1 (all, the default in development; elsewhere 0.1). It is decided where a trace begins, by its
    /// id; everybody behind follows that decision, so a trace is whole or not there. Metrics and logs always count everything.
    /// </summary>
    [Range(0.0, 1.0)]
    public double TraceSampleRatio { get; set; } = DefaultTraceSampleRatio;
}
