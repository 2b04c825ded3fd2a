namespace BotGeneric.Identity.Accounts.Throttling;

/// <summary>The counters of one process, for while Redis is away.</summary>
internal sealed class LocalThrottle
{
    // About a megabyte. Beyond it the oldest go: somebody who fills it this fast is met by the counter of their address first.
    private const int Capacity = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Counter> _counters = new(StringComparer.Ordinal);

    public TimeSpan TryBegin(ThrottleRule rule, string name, DateTimeOffset now)
    {
        lock (_lock)
        {
            var counter = _counters.GetValueOrDefault(name);
            if (counter is null || now >= counter.ForgottenAt)
            {
                MakeRoom(now);
                _counters[name] = counter = new Counter();
            }

            if (now < counter.Until)
            {
                return counter.Until - now;
            }

            counter.Attempts++;
            counter.Until = now + rule.DelayAfter(counter.Attempts);
            counter.ForgottenAt = now + rule.Memory;
            return TimeSpan.Zero;
        }
    }

    public void Forget(string name)
    {
        lock (_lock)
        {
            _counters.Remove(name);
        }
    }

    public void TakeBack(ThrottleRule rule, string name)
    {
        lock (_lock)
        {
            if (_counters.TryGetValue(name, out var counter) && --counter.Attempts < rule.Free)
            {
                counter.Until = DateTimeOffset.MinValue;
            }
        }
    }

    private void MakeRoom(DateTimeOffset now)
    {
        if (_counters.Count < Capacity)
        {
            return;
        }

        foreach (var name in _counters.Where(pair => now >= pair.Value.ForgottenAt).Select(pair => pair.Key).ToList())
        {
            _counters.Remove(name);
        }

        foreach (var name in _counters.OrderBy(pair => pair.Value.ForgottenAt).Take(_counters.Count - (Capacity * 9 / 10)).Select(pair => pair.Key).ToList())
        {
            _counters.Remove(name);
        }
    }

    private sealed class Counter
    {
        public long Attempts { get; set; }

        public DateTimeOffset Until { get; set; }

        public DateTimeOffset ForgottenAt { get; set; }
    }
}
