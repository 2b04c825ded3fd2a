using System.Diagnostics.Metrics;
using System.Text.Json;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;

namespace BotGeneric.Billing.Reconciliation;

/// <summary>Counts comparisons and what they find.</summary>
public sealed class ReconciliationMetrics
{
    private readonly Counter<long> _compared;
    private readonly Counter<long> _differences;
    private readonly Histogram<double> _runs;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meters">The factory that exporters listen to.</param>
    public ReconciliationMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(PaddleInbox.SourceName);
        _compared = meter.CreateCounter<long>("paddle.reconciliation.compared", "{entity}", "Things that were compared with Paddle, by entity.");
        _differences = meter.CreateCounter<long>(
            "paddle.reconciliation.differences", "{entity}", "Things that were not here as they are at Paddle, by entity and whether they were healed.");
        _runs = meter.CreateHistogram<double>("paddle.reconciliation.duration", "s", "How long comparisons took, by what started them and how they ended.");
    }

    internal void Compared(Compared compared)
    {
        var entity = new KeyValuePair<string, object?>("entity", compared.Entity);
        _compared.Add(1, entity);
        if (compared.IsDifferent)
        {
            _differences.Add(1, entity, new KeyValuePair<string, object?>("healed", compared.IsHealed));
        }
    }

    internal void Finished(ReconciliationTrigger trigger, ReconciliationStatus status, TimeSpan duration) => _runs.Record(
        duration.TotalSeconds, new KeyValuePair<string, object?>("trigger", Name(trigger)), new KeyValuePair<string, object?>("status", Name(status)));

    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
