using System.Diagnostics.Metrics;
using BotGeneric.Billing.Paddle;

namespace BotGeneric.Billing.Mirror;

/// <summary>Counts what the provider says and somebody has to look at: statuses that this version does not know, and chargebacks that are announced.</summary>
public sealed class MirrorMetrics
{
    private readonly Counter<long> _unknown;
    private readonly Counter<long> _announced;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meters">The factory that exporters listen to.</param>
    public MirrorMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(PaddleInbox.SourceName);
        _unknown = meter.CreateCounter<long>(
            "paddle.statuses.unknown", "{snapshot}", "Snapshots with a status that this version does not know, by kind and status.");
        _announced = meter.CreateCounter<long>("paddle.chargebacks.announced", "{snapshot}", "Warnings of a chargeback: a bank has asked about a payment, and nothing was taken back yet.");
    }

    internal void UnknownStatus(string entity, string status) =>
        _unknown.Add(1, new KeyValuePair<string, object?>("entity", entity), new KeyValuePair<string, object?>("status", status));

    internal void ChargebackAnnounced() => _announced.Add(1);
}
