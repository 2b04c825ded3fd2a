namespace BotGeneric.Simulators.Paddle.Api;

/// <summary>What goes wrong with the next calls of the API.</summary>
/// <param name="Count">With how many of them.</param>
/// <param name="Status">The HTTP status that they answer; 503 when left out. Nothing is done then.</param>
/// <param name="Code">The error's code; the usual one of the status when left out.</param>
/// <param name="CutAfterWork">
/// Instead: the work is done, and the connection is cut before the answer. The caller cannot know the outcome.
/// </param>
/// <param name="Method">Only calls of this HTTP method; all when left out.</param>
/// <param name="Path">Only calls whose path below the API begins so, such as <c>transactions</c>; all when left out.</param>
/// <param name="RetryAfterSeconds">The header <c>Retry-After</c>; none when left out.</param>
public sealed record ApiFault(
    int Count = 1, int? Status = null, string? Code = null, bool CutAfterWork = false, string? Method = null, string? Path = null, int? RetryAfterSeconds = null);

/// <summary>What tests made go wrong.</summary>
internal sealed class PaddleFaults
{
    private readonly Lock _lock = new();
    private readonly List<ApiFault> _faults = [];
    private TimeSpan _latency;

    public TimeSpan Latency
    {
        get
        {
            lock (_lock)
            {
                return _latency;
            }
        }

        set
        {
            lock (_lock)
            {
                _latency = value;
            }
        }
    }

    public void Add(ApiFault fault)
    {
        lock (_lock)
        {
            _faults.Add(fault);
        }
    }

    /// <summary>What goes wrong with a call; null for nothing.</summary>
    public ApiFault? Take(string method, string path)
    {
        lock (_lock)
        {
            var index = _faults.FindIndex(fault =>
                (fault.Method is null || string.Equals(fault.Method, method, StringComparison.OrdinalIgnoreCase))
                && (fault.Path is null || path.StartsWith(fault.Path.TrimStart('/'), StringComparison.Ordinal)));
            if (index < 0)
            {
                return null;
            }

            var fault = _faults[index];
            if (fault.Count > 1)
            {
                _faults[index] = fault with { Count = fault.Count - 1 };
            }
            else
            {
                _faults.RemoveAt(index);
            }

            return fault;
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _faults.Clear();
            _latency = TimeSpan.Zero;
        }
    }
}
