using System.Diagnostics.Metrics;

namespace BotGeneric.Billing.Paddle;

/// <summary>Counts refused deliveries. They are not logged one by one: whoever sends them must not be able to fill a disk.</summary>
public sealed class PaddleMetrics
{
    private readonly Counter<long> _refused;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meters">The factory that exporters listen to.</param>
    public PaddleMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        _refused = meters.Create(PaddleInbox.SourceName).CreateCounter<long>(
            "paddle.webhooks.refused", "{delivery}", "Deliveries that were refused, by reason.");
    }

    internal void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
