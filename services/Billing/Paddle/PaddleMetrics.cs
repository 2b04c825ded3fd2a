using System.Diagnostics.Metrics;

namespace BotGeneric.Billing.Paddle;

/// <summary>Counts deliveries that were refused or taken without every check, and events that were put off.</summary>
public sealed class PaddleMetrics
{
    private readonly Counter<long> _refused;
    private readonly Counter<long> _sourceUnchecked;
    private readonly Counter<long> _putOff;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meters">The factory that exporters listen to.</param>
    public PaddleMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(PaddleInbox.SourceName);
        _refused = meter.CreateCounter<long>("paddle.webhooks.refused", "{delivery}", "Deliveries that were refused, by reason.");
        _sourceUnchecked = meter.CreateCounter<long>(
            "paddle.webhooks.source_unchecked", "{delivery}", "Deliveries that were taken before Paddle's addresses were known, though they are to be checked.");
        _putOff = meter.CreateCounter<long>("paddle.inbox.put_off", "{event}", "Events that were put off because somebody else held their payer for long.");
    }

    internal void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    internal void SourceUnchecked() => _sourceUnchecked.Add(1);

    internal void PutOff() => _putOff.Add(1);
}
