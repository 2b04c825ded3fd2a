using System.Collections.Concurrent;
using BotGeneric.Identity.Accounts;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.TokenServer;

/// <summary>When which device asked last, as far as this process was asked. It asks for politeness and guards nothing.</summary>
internal sealed class DevicePolling(IOptions<TokenServerOptions> options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _asked = new(StringComparer.Ordinal);

    /// <summary>Notes that a device asks.</summary>
    /// <returns>Whether it did so a moment ago.</returns>
    public bool IsTooSoon(string deviceCode)
    {
        var now = time.GetUtcNow();
        Attempts.Forget(_asked, at => now - at > options.Value.DeviceCodeLifetime);
        var key = Convert.ToBase64String(Secrets.Hash(deviceCode));
        var isTooSoon = _asked.TryGetValue(key, out var before) && now - before < options.Value.DevicePollInterval;
        _asked[key] = now;
        return isTooSoon;
    }
}

/// <summary>
/// How many codes a person tried that are no device's. A code has 34 bits and lives for minutes; ten tries in that time, on each of a few replicas, find none.
/// </summary>
internal sealed class CodeGuesses(TimeProvider time)
{
    private const int Limit = 10;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<Guid, (int Count, DateTimeOffset Since)> _wrong = new();

    /// <summary>Whether a person tried too often.</summary>
    public bool AreTooMany(Guid userId) => _wrong.TryGetValue(userId, out var wrong) && wrong.Count >= Limit && time.GetUtcNow() - wrong.Since < Window;

    /// <summary>Notes a wrong code.</summary>
    public void Note(Guid userId)
    {
        var now = time.GetUtcNow();
        Attempts.Forget(_wrong, wrong => now - wrong.Since > Window);
        _wrong.AddOrUpdate(userId, (1, now), (_, wrong) => now - wrong.Since > Window ? (1, now) : (wrong.Count + 1, wrong.Since));
    }
}

internal static class Attempts
{
    private const int Many = 1000;

    /// <summary>Forgets what is over once there is much of it.</summary>
    public static void Forget<TKey, TValue>(ConcurrentDictionary<TKey, TValue> attempts, Func<TValue, bool> isOver)
        where TKey : notnull
    {
        if (attempts.Count >= Many)
        {
            foreach (var (key, _) in attempts.Where(attempt => isOver(attempt.Value)))
            {
                attempts.TryRemove(key, out _);
            }
        }
    }
}
