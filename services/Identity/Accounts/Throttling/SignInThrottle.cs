using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace BotGeneric.Identity.Accounts.Throttling;

/// <summary>
/// Counts attempts and says how long to wait, the same for all replicas (Redis), or within this process while Redis is away. An attempt is
/// counted before it is made, so that many at once are no way round; a success takes its count back.
/// </summary>
public sealed partial class SignInThrottle(IConnectionMultiplexer redis, TimeProvider time, ILogger<SignInThrottle> logger)
{
    private const string Begin =
        """
        local attempts = tonumber(redis.call('HGET', KEYS[1], 'n') or '0')
        local until_ = tonumber(redis.call('HGET', KEYS[1], 'u') or '0')
        local now = tonumber(ARGV[1])
        if now < until_ then
            return until_ - now
        end
        attempts = attempts + 1
        local delay = 0
        local free = tonumber(ARGV[2])
        if attempts >= free then
            delay = math.min(tonumber(ARGV[3]) * 2 ^ math.min(attempts - free, 30), tonumber(ARGV[4]))
        end
        redis.call('HSET', KEYS[1], 'n', attempts, 'u', string.format('%.0f', now + delay))
        redis.call('PEXPIRE', KEYS[1], ARGV[5])
        return 0
        """;

    // A counter that is gone meanwhile, or was this process's own while Redis was away, must not come into being: it would never be forgotten.
    private const string TakeBack =
        """
        if redis.call('EXISTS', KEYS[1]) == 1 and redis.call('HINCRBY', KEYS[1], 'n', -1) < tonumber(ARGV[1]) then
            redis.call('HSET', KEYS[1], 'u', 0)
        end
        return 0
        """;

    private static readonly Meter Meter = new("BotGeneric.Identity.Throttle");
    private static readonly Counter<long> Delayed = Meter.CreateCounter<long>("identity.attempts.delayed", "{attempt}");
    private static readonly Counter<long> Local = Meter.CreateCounter<long>("identity.attempts.counted_locally", "{attempt}", "Redis was away");
    private readonly LocalThrottle _local = new();

    /// <summary>The key of a network address: an IPv6 customer has a whole /64.</summary>
    /// <param name="address">The address; null: unknown.</param>
    public static string KeyOf(IPAddress? address)
    {
        if (address is { IsIPv4MappedToIPv6: true })
        {
            address = address.MapToIPv4();
        }

        return address is { AddressFamily: AddressFamily.InterNetworkV6 }
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))
            : address?.ToString() ?? "unknown";
    }

    /// <summary>Counts an attempt, unless it must wait.</summary>
    /// <param name="rule">The kind of attempt.</param>
    /// <param name="key">Whose. Only its hash is kept.</param>
    /// <returns>How long to wait; null: go on.</returns>
    public async Task<TimeSpan?> TryBeginAsync(ThrottleRule rule, string key)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var now = time.GetUtcNow();
        var wait = await InRedisAsync(async database => TimeSpan.FromMilliseconds((long)await database.ScriptEvaluateAsync(
                Begin, [Name(rule, key)],
                [now.ToUnixTimeMilliseconds(), rule.Free, (long)rule.FirstDelay.TotalMilliseconds, (long)rule.MaximumDelay.TotalMilliseconds,
                    (long)rule.Memory.TotalMilliseconds])))
            ?? _local.TryBegin(rule, Name(rule, key)!, now);
        if (wait <= TimeSpan.Zero)
        {
            return null;
        }

        Delayed.Add(1, new KeyValuePair<string, object?>("rule", rule.Name));
        return wait;
    }

    /// <summary>The attempts led to a success: what was counted is forgotten.</summary>
    /// <param name="rule">The kind of attempt.</param>
    /// <param name="key">Whose.</param>
    public async Task ForgetAsync(ThrottleRule rule, string key)
    {
        ArgumentNullException.ThrowIfNull(rule);
        _local.Forget(Name(rule, key)!);
        await InRedisAsync(async database => { await database.KeyDeleteAsync(Name(rule, key)); return TimeSpan.Zero; });
    }

    /// <summary>Takes back the count of one attempt that succeeded, and the wait that it alone brought about, where others share the counter.</summary>
    /// <param name="rule">The kind of attempt.</param>
    /// <param name="key">Whose.</param>
    public async Task TakeBackAsync(ThrottleRule rule, string key)
    {
        ArgumentNullException.ThrowIfNull(rule);
        _local.TakeBack(rule, Name(rule, key)!);
        await InRedisAsync(async database => { await database.ScriptEvaluateAsync(TakeBack, [Name(rule, key)], [rule.Free]); return TimeSpan.Zero; });
    }

    private static RedisKey Name(ThrottleRule rule, string key) => $"identity:throttle:{rule.Name}:{Convert.ToHexString(Secrets.Hash(key).AsSpan(0, 16))}";

    private async Task<TimeSpan?> InRedisAsync(Func<IDatabase, Task<TimeSpan>> work)
    {
        try
        {
            if (redis.IsConnected)
            {
                return await work(redis.GetDatabase());
            }
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            LogAway(logger, exception.GetType().Name);
        }

        Local.Add(1);
        return null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis is away ({Failure}); attempts are counted by this process alone")]
    private static partial void LogAway(ILogger logger, string failure);
}
