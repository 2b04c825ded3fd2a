using System.Diagnostics.Metrics;

namespace BotGeneric.Billing.Paddle;

/// <summary>Counts deliveries that were refused, or taken without every check.</summary>
public sealed class PaddleMetrics
{
    private readonly Counter<long> _refused;
    private readonly Counter<long> _sourceUnchecked;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meters">The factory that exporters listen to.</param>
    public PaddleMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(PaddleInbox.SourceName);
        _refused = meter.CreateCounter<long>("paddle.webhooks.refused", "{delivery}", "Deliveries that were refused, by reason.");
        _sourceUnchecked = meter.CreateCounter<long>(
            "paddle.webhooks.source_unchecked", "{delivery}", "Deliveries that were taken before Paddle's addresses were known, though they are to be checked.");
    }

    internal void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    internal void SourceUnchecked() => _sourceUnchecked.Add(1);
}
