namespace BotGeneric.Billing.Background;

/// <summary>
/// What could not be done just now, and when it is tried again: each time later, so that what cannot be done at all keeps nobody behind it waiting. Of this process
/// alone: after a restart everything is tried once more.
/// </summary>
/// <param name="timeProvider">The clock.</param>
/// <param name="first">The first pause.</param>
/// <param name="longest">No pause is longer.</param>
internal sealed class Postponements(TimeProvider timeProvider, TimeSpan first, TimeSpan longest)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Entry> _entries = [];

    /// <summary>What is not to be tried yet.</summary>
    internal IReadOnlyList<Guid> Waiting
    {
        get
        {
            var now = timeProvider.GetUtcNow();
            lock (_lock)
            {
                return [.. _entries.Where(entry => entry.Value.At > now).Select(entry => entry.Key)];
            }
        }
    }

    /// <summary>When the next of them is to be tried; null when none waits.</summary>
    internal DateTimeOffset? Next
    {
        get
        {
            var now = timeProvider.GetUtcNow();
            lock (_lock)
            {
                return _entries.Values.Where(entry => entry.At > now).Min(entry => (DateTimeOffset?)entry.At);
            }
        }
    }

    /// <summary>It could not be done.</summary>
    /// <param name="id">What.</param>
    internal void Postpone(Guid id)
    {
        var now = timeProvider.GetUtcNow();
        lock (_lock)
        {
            // What has not failed again for long was done, here or elsewhere.
            foreach (var (key, entry) in _entries.Where(entry => now - entry.Value.At > longest * 2).ToList())
            {
                _entries.Remove(key);
            }

            var pause = _entries.TryGetValue(id, out var last) ? last.Pause * 2 : first;
            pause = pause < longest ? pause : longest;
            _entries[id] = new Entry(now + pause, pause);
        }
    }

    /// <summary>It is done.</summary>
    /// <param name="id">What.</param>
    internal void Forget(Guid id)
    {
        lock (_lock)
        {
            _entries.Remove(id);
        }
    }

    private readonly record struct Entry(DateTimeOffset At, TimeSpan Pause);
}
