using System.Diagnostics;
using System.Diagnostics.Metrics;
using BotGeneric.Notifications.Domain;

namespace BotGeneric.Notifications.Deliveries;

/// <summary>What can be observed: templates, states and counts, never an address.</summary>
internal sealed class DeliveryDiagnostics
{
    /// <summary>Name of the <see cref="ActivitySource"/>, of the meter and of the <see cref="DiagnosticListener"/>.</summary>
    public const string Name = "BotGeneric.Notifications";

    /// <summary>Announced between the server's acceptance and the commit, where a death sends a message twice.</summary>
    public const string AcceptedStep = "delivery.accepted";

    /// <summary>Announced when a delivery is claimed and not sent yet.</summary>
    public const string ClaimedStep = "delivery.claimed";

    public static readonly ActivitySource Activities = new(Name);
    public static readonly DiagnosticListener Steps = new(Name);

    private readonly Counter<long> _finished;
    private readonly Counter<long> _retried;
    private long _pending;
    private double _lag;

    public DeliveryDiagnostics(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _finished = meter.CreateCounter<long>("email.deliveries", "{message}", "Messages that came to an end, by state and template.");
        _retried = meter.CreateCounter<long>("email.retried", "{message}", "Failed attempts that will be repeated, by template.");
        meter.CreateObservableGauge("email.pending", () => Volatile.Read(ref _pending), "{message}", "Messages that wait to be sent.");
        meter.CreateObservableGauge("email.lag", () => Volatile.Read(ref _lag), "s", "Age of the oldest message that waits to be sent.");
    }

    public void Finished(Delivery delivery) => Finished(delivery.State, delivery.Template, 1);

    public void Finished(DeliveryState state, string template, int count) => _finished.Add(
        count, new KeyValuePair<string, object?>("state", state.ToString().ToLowerInvariant()), new KeyValuePair<string, object?>("template", template));

    public void Retried(string template) => _retried.Add(1, new KeyValuePair<string, object?>("template", template));

    public void Measured(long pending, TimeSpan lag)
    {
        Volatile.Write(ref _pending, pending);
        Volatile.Write(ref _lag, lag.TotalSeconds);
    }

    public static void Step(string name, Guid deliveryId)
    {
        if (Steps.IsEnabled(name))
        {
            Steps.Write(name, deliveryId);
        }
    }
}
