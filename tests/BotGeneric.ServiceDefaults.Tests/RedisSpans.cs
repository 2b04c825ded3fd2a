using System.Collections.Concurrent;
using System.Diagnostics;
using BotGeneric.Testing;

namespace BotGeneric.ServiceDefaults.Tests;

/// <summary>The spans of commands to Redis.</summary>
internal sealed class RedisSpans : IDisposable
{
    private readonly ActivitySource _source = new(nameof(RedisSpans));
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener;

    internal RedisSpans()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = candidate => candidate.Name is nameof(RedisSpans) or "BotGeneric.Redis",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                if (span.Source.Name == "BotGeneric.Redis")
                {
                    _spans.Enqueue(span);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _source.Dispose();
    }

    /// <summary>Gives the one span that something makes, under the operation that it is.</summary>
    internal async Task<Activity> OfAsync(Func<Task> act)
    {
        using var operation = _source.StartActivity("operation")!;
        await act();
        operation.Stop();
        var spans = await Eventually.GetAsync(
            () => Task.FromResult(_spans.Where(span => span.TraceId == operation.TraceId).ToList()), found => found.Count > 0, "a span of Redis");
        var span = Assert.Single(spans);
        Assert.Equal(operation.SpanId, span.ParentSpanId);
        return span;
    }
}
