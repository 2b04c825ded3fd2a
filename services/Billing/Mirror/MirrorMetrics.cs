using System.Diagnostics.Metrics;
using BotGeneric.Billing.Paddle;

namespace BotGeneric.Billing.Mirror;

/// <summary>Counts what the provider says and this version does not know. An alert on it is a reason to update.</summary>
public sealed class MirrorMetrics
{
    private readonly Counter<long> _unknown;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meters">The factory that exporters listen to.</param>
    public MirrorMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        _unknown = meters.Create(PaddleInbox.SourceName).CreateCounter<long>(
            "paddle.statuses.unknown", "{snapshot}", "Snapshots with a status that this version does not know, by kind and status.");
    }

    internal void UnknownStatus(string entity, string status) => _unknown.Add(
        1, new KeyValuePair<string, object?>("entity", entity), new KeyValuePair<string, object?>("status", status));
}
