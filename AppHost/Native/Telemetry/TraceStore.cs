namespace BotGeneric.AppHost.Native;

/// <summary>The most recent spans, up to a bound; whole traces are dropped, oldest first.</summary>
internal sealed class TraceStore(int capacity = TraceStore.DefaultCapacity)
{
    public const int DefaultCapacity = 50_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<TraceSpan>> _traces = [];
    private readonly Queue<string> _order = new();
    private int _count;

    public void Add(IEnumerable<TraceSpan> spans)
    {
        lock (_gate)
        {
            foreach (var span in spans)
            {
                if (!_traces.TryGetValue(span.TraceId, out var trace))
                {
                    _traces[span.TraceId] = trace = [];
                    _order.Enqueue(span.TraceId);
                }

                trace.Add(span);
                _count++;
            }

            while (_count > capacity && _order.TryDequeue(out var oldest))
            {
                _count -= _traces[oldest].Count;
                _traces.Remove(oldest);
            }
        }
    }

    /// <summary>The spans of a trace in the order they began; empty when it is not known.</summary>
    public IReadOnlyList<TraceSpan> Find(string traceId)
    {
        lock (_gate)
        {
            return _traces.TryGetValue(traceId, out var trace) ? [.. trace.OrderBy(span => span.Start)] : [];
        }
    }

    /// <summary>The traces that began last, newest first.</summary>
    public IReadOnlyList<TraceSummary> Recent(int count)
    {
        lock (_gate)
        {
            return [.. _order.Reverse().Take(count).Select(id => TraceSummary.Of(_traces[id])).OrderByDescending(trace => trace.Start)];
        }
    }
}

/// <summary>A trace in one line.</summary>
/// <param name="TraceId">32 hexadecimal digits.</param>
/// <param name="Name">The name of its first span.</param>
/// <param name="Services">The resources that took part.</param>
/// <param name="Spans">The number of spans received so far.</param>
/// <param name="Errors">How many of them failed.</param>
/// <param name="Start">When it began.</param>
/// <param name="DurationMilliseconds">From the first beginning to the last end.</param>
public sealed record TraceSummary(
    string TraceId, string Name, IReadOnlyList<string> Services, int Spans, int Errors, DateTimeOffset Start, double DurationMilliseconds)
{
    internal static TraceSummary Of(IReadOnlyList<TraceSpan> spans)
    {
        var root = spans.FirstOrDefault(span => span.ParentSpanId is null) ?? spans.MinBy(span => span.Start)!;
        var start = spans.Min(span => span.Start);
        var end = spans.Max(span => span.Start.AddMilliseconds(span.DurationMilliseconds));
        return new TraceSummary(
            root.TraceId, $"{root.Service}: {root.Name}", [.. spans.Select(span => span.Service).Distinct().Order()], spans.Count,
            spans.Count(span => span.Status == "error"), start, (end - start).TotalMilliseconds);
    }
}
