using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;
using StackExchange.Redis.Profiling;

namespace BotGeneric.ServiceDefaults.Data;

/// <summary>
/// Turns the client's own command timings into spans under the operation that sent them, and into a histogram. Names follow the
/// OpenTelemetry conventions for databases. Keys and values of commands are never read.
/// </summary>
internal sealed class RedisProfiler(TimeProvider timeProvider) : BackgroundService
{
    internal const string SourceName = "BotGeneric.Redis";

    private static readonly TimeSpan DrainInterval = TimeSpan.FromSeconds(1);
    private static readonly ActivitySource Source = new(SourceName);
    private static readonly Meter Meter = new(SourceName);
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "db.client.operation.duration", "s", "Time from sending a command to Redis until its answer is read.");

    private readonly ConcurrentDictionary<SessionKey, ProfilingSession> _sessions = new();
    private readonly ProfilingSession _withoutTrace = new();

    internal void Observe(ConnectionMultiplexer multiplexer) => multiplexer.RegisterProfiler(CurrentSession);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(DrainInterval, timeProvider);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Drain();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            Drain();
        }
    }

    private ProfilingSession CurrentSession() => Activity.Current is { IsAllDataRequested: true } activity
        ? _sessions.GetOrAdd(new SessionKey(activity.TraceId, activity.SpanId), static (_, parent) => new ProfilingSession(parent), activity)
        : _withoutTrace;

    private void Drain()
    {
        Record(_withoutTrace.FinishProfiling(), parent: null);
        foreach (var (key, session) in _sessions)
        {
            var parent = (Activity)session.UserToken!;
            // Read before draining: what is sent after this line and before the end is in the next round's session.
            if (parent.IsStopped)
            {
                _sessions.TryRemove(key, out _);
            }

            Record(session.FinishProfiling(), parent);
        }
    }

    private static void Record(ProfiledCommandEnumerable commands, Activity? parent)
    {
        foreach (var command in commands)
        {
            Duration.Record(
                command.ElapsedTime.TotalSeconds,
                new KeyValuePair<string, object?>("db.system.name", "redis"),
                new KeyValuePair<string, object?>("db.operation.name", command.Command));
            if (parent is null)
            {
                continue;
            }

            using var span = Source.StartActivity(
                command.Command, ActivityKind.Client, parent.Context, startTime: new DateTimeOffset(command.CommandCreated));
            span?.SetTag("db.system.name", "redis");
            span?.SetTag("db.operation.name", command.Command);
            span?.SetEndTime(command.CommandCreated + command.ElapsedTime);
        }
    }

    private readonly record struct SessionKey(ActivityTraceId Trace, ActivitySpanId Span);
}
