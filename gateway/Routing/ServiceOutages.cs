using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace BotGeneric.Gateway.Routing;

/// <summary>
/// Tells when a service begins to fail and when it answers again, instead of once for each request: a service that is away under load would fill
/// the log with one sentence. Whatever happens, there are at most two lines a minute for each service; the metric counts every request.
/// </summary>
internal sealed partial class ServiceOutages
{
    /// <summary>The name of the meter.</summary>
    internal const string MeterName = "BotGeneric.Gateway.Routing";

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Outage> _outages = new(StringComparer.Ordinal);
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<ServiceOutages> _logger;
    private readonly Counter<long> _failures;

    public ServiceOutages(TimeProvider timeProvider, IMeterFactory meters, ILogger<ServiceOutages> logger)
    {
        _timeProvider = timeProvider;
        _logger = logger;
        _failures = meters.Create(MeterName).CreateCounter<long>(
            "gateway.services.failed", "{request}", "Requests that a service did not answer properly, those of the gateway itself included, by service and error.");
    }

    /// <summary>A request could not be answered by its service.</summary>
    /// <param name="service">The service.</param>
    /// <param name="error">The kind of error, one of few.</param>
    /// <param name="reason">What happened, for people.</param>
    internal void Failed(string service, string error, string reason)
    {
        _failures.Add(1, new("service", service), new("error", error));
        var outage = _outages.GetOrAdd(service, _ => new Outage());
        lock (outage)
        {
            var now = _timeProvider.GetTimestamp();
            if (!outage.IsFailing)
            {
                outage.Begin(now);
            }

            outage.Failures++;
            outage.Untold++;
            if (outage.ToldAt is { } last && _timeProvider.GetElapsedTime(last, now) < Interval)
            {
                return;
            }

            if (outage.IsTold)
            {
                LogGoesOn(_logger, service, outage.Untold, reason);
            }
            else
            {
                LogBegan(_logger, service, outage.Untold, reason);
            }

            outage.Told(now);
        }
    }

    /// <summary>A service has answered, whatever its answer was.</summary>
    /// <param name="service">The service.</param>
    internal void Answered(string service)
    {
        // Nearly always there is nothing to end, and this is called for every request.
        if (!_outages.TryGetValue(service, out var outage) || !outage.IsFailing)
        {
            return;
        }

        lock (outage)
        {
            if (!outage.IsFailing)
            {
                return;
            }

            outage.IsFailing = false;
            if (outage.IsTold)
            {
                LogEnded(_logger, service, _timeProvider.GetElapsedTime(outage.BeganAt), outage.Failures);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Service} does not answer ({Reason}); requests that failed since the last line: {Count}")]
    private static partial void LogBegan(ILogger logger, string service, long count, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Service} still does not answer ({Reason}); requests that failed since the last line: {Count}")]
    private static partial void LogGoesOn(ILogger logger, string service, long count, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Service} answers again after {Elapsed}; requests that failed meanwhile: {Count}")]
    private static partial void LogEnded(ILogger logger, string service, TimeSpan elapsed, long count);

    private sealed class Outage
    {
        private volatile bool _isFailing;

        internal bool IsFailing
        {
            get => _isFailing;
            set => _isFailing = value;
        }

        /// <summary>Whether the log knows of what goes on.</summary>
        internal bool IsTold { get; private set; }

        internal long BeganAt { get; private set; }

        internal long? ToldAt { get; private set; }

        /// <summary>Since it began.</summary>
        internal long Failures { get; set; }

        /// <summary>Since the last line; those of a short outage between two lines are among them.</summary>
        internal long Untold { get; set; }

        internal void Begin(long now)
        {
            (BeganAt, Failures, IsTold) = (now, 0, false);
            IsFailing = true;
        }

        internal void Told(long now) => (ToldAt, Untold, IsTold) = (now, 0, true);
    }
}
