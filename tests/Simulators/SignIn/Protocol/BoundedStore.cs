using System.Diagnostics.CodeAnalysis;

namespace BotGeneric.Simulators.SignIn.Protocol;

/// <summary>Keeps values for a time, and no more than so many: when it is full, the oldest goes.</summary>
/// <typeparam name="T">What is kept.</typeparam>
/// <param name="capacity">The most that is kept.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class BoundedStore<T>(int capacity, TimeProvider timeProvider)
{
    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, (T Value, DateTimeOffset ExpiresAt)> _entries = new(StringComparer.Ordinal);

    internal void Add(string key, T value, DateTimeOffset expiresAt)
    {
        lock (_lock)
        {
            _entries.Remove(key);
            if (_entries.Count >= capacity)
            {
                _entries.RemoveAt(0);
            }

            _entries.Add(key, (value, expiresAt));
        }
    }

    internal bool TryGet(string key, [MaybeNullWhen(false)] out T value)
    {
        lock (_lock)
        {
            return TryRead(key, out value);
        }
    }

    internal bool TryTake(string key, [MaybeNullWhen(false)] out T value)
    {
        lock (_lock)
        {
            var found = TryRead(key, out value);
            _entries.Remove(key);
            return found;
        }
    }

    internal void Remove(string key)
    {
        lock (_lock)
        {
            _entries.Remove(key);
        }
    }

    internal void RemoveWhere(Predicate<T> condition)
    {
        lock (_lock)
        {
            foreach (var key in _entries.Where(entry => condition(entry.Value.Value)).Select(entry => entry.Key).ToArray())
            {
                _entries.Remove(key);
            }
        }
    }

    private bool TryRead(string key, [MaybeNullWhen(false)] out T value)
    {
        if (_entries.TryGetValue(key, out var entry) && entry.ExpiresAt > timeProvider.GetUtcNow())
        {
            value = entry.Value;
            return true;
        }

        value = default;
        return false;
    }
}
