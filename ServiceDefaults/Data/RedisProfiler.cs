using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;
using StackExchange.Redis.Profiling;

namespace BotGeneric.ServiceDefaults.Data;

/// <summary>
/// Turns the client's own command timings into spans under the operation that sent them, and into a histogram. The client keeps a record of each command, with what was
/// sent, until it is collected: nothing at hundreds of commands a second, and what the garbage collector is busy with at ten thousand.
/// </summary>
internal sealed class RedisProfiler(TimeProvider timeProvider) : BackgroundService
{
    private static readonly TimeSpan DrainInterval = TimeSpan.FromSeconds(1);

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
            RedisTelemetry.Record(command.Command, command.ElapsedTime, command.CommandCreated, parent);
        }
    }

    private readonly record struct SessionKey(ActivityTraceId Trace, ActivitySpanId Span);
}
