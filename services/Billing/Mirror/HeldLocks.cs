namespace BotGeneric.Billing.Mirror;

/// <summary>
/// Which locks of payers, transactions and plans somebody has held for longer than a worker of the inbox waits. Of this process alone: another one finds out for itself, by waiting once.
/// </summary>
/// <param name="timeProvider">The clock.</param>
public sealed class HeldLocks(TimeProvider timeProvider)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Whether somebody waited for it in vain, and nobody has had it since.</summary>
    /// <param name="key">What is locked.</param>
    internal bool Knows(string key)
    {
        lock (_lock)
        {
            return _entries.ContainsKey(key);
        }
    }

    /// <summary>It was not free.</summary>
    /// <param name="key">What is locked.</param>
    /// <returns>After what time to ask again: the longer it has been held, the later, so that many events of one payer cost little.</returns>
    internal TimeSpan Note(string key)
    {
        var now = timeProvider.GetUtcNow();
        lock (_lock)
        {
            // Of what nothing waits for any more nobody says that it is free.
            foreach (var (other, entry) in _entries.Where(entry => now - entry.Value.Last > Remembered).ToList())
            {
                _entries.Remove(other);
            }

            var since = _entries.TryGetValue(key, out var known) ? known.Since : now;
            _entries[key] = new Entry(since, now);
            return TimeSpan.FromTicks(Math.Clamp((now - since).Ticks, Shortest.Ticks, Longest.Ticks));
        }
    }

    /// <summary>It was free.</summary>
    /// <param name="key">What was locked.</param>
    internal void Forget(string key)
    {
        lock (_lock)
        {
            _entries.Remove(key);
        }
    }

    private readonly record struct Entry(DateTimeOffset Since, DateTimeOffset Last);
}

/// <summary>Somebody else works at the same payer, transaction or plans, and for longer than can be waited for.</summary>
/// <param name="pause">After what time to ask again.</param>
internal sealed class LockHeldException(TimeSpan pause) : Exception("Somebody else works at the same payer, transaction or plans.")
{
    /// <summary>After what time to ask again.</summary>
    public TimeSpan Pause => pause;
}
