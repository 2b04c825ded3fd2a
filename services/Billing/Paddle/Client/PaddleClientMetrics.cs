using System.Diagnostics.Metrics;

namespace BotGeneric.Billing.Paddle.Client;

/// <summary>Counts calls of Paddle's API and the waits before them. How long calls take is in <c>http.client.request.duration</c>.</summary>
internal sealed class PaddleClientMetrics
{
    private readonly Counter<long> _calls;
    private readonly Counter<long> _unreadable;
    private readonly Histogram<double> _waits;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meters">The factory that exporters listen to.</param>
    public PaddleClientMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(PaddleInbox.SourceName);
        _calls = meter.CreateCounter<long>("paddle.api.calls", "{call}", "Calls of Paddle's API, by resource and outcome.");
        _unreadable = meter.CreateCounter<long>("paddle.api.unreadable", "{entity}", "Things in lists of Paddle's API that this version cannot read, by resource.");
        _waits = meter.CreateHistogram<double>(
            "paddle.api.rate_limit.wait", "s", "How long calls waited for a place below Paddle's limits, or would have had to when refused.");
    }

    internal void Called(string resource, PaddleOutcome outcome) =>
        _calls.Add(1, new KeyValuePair<string, object?>("resource", resource), new KeyValuePair<string, object?>("outcome", Name(outcome)));

    internal void Unreadable(string resource) => _unreadable.Add(1, new KeyValuePair<string, object?>("resource", resource));

    internal void Waited(TimeSpan wait, bool isRefused) =>
        _waits.Record(wait.TotalSeconds, new KeyValuePair<string, object?>("refused", isRefused));

    private static string Name(PaddleOutcome outcome) => outcome switch
    {
        PaddleOutcome.Done => "done",
        PaddleOutcome.Refused => "refused",
        PaddleOutcome.Unknown => "unknown",
        PaddleOutcome.Unavailable => "unavailable",
        _ => "not_configured",
    };
}
