using System.Diagnostics;
using OpenTelemetry;

namespace BotGeneric.ServiceDefaults.Telemetry;

/// <summary>
/// Keeps the reverse proxy's health probes out of the traces: there are several a second and each would be a trace of its own, in which
/// the requests of people drown. The requests that a probe sends are left out by their path.
/// </summary>
public sealed class ProbeSpanProcessor : BaseProcessor<Activity>
{
    private const string ProxyProbes = "proxy.cluster_health_checks";

    /// <inheritdoc />
    public override void OnStart(Activity data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.OperationName == ProxyProbes)
        {
            data.IsAllDataRequested = false;
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }
}
