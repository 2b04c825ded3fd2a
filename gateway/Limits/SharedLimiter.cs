using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace BotGeneric.Gateway.Limits;

/// <summary>
/// Limits that all gateways share, in Redis. One call of one script decides about all limits of a request, by Redis' own clock. The keys lie in one
/// hash slot, because any of them can meet any other in one call: in a cluster the limits live on one node.
/// </summary>
internal sealed class SharedLimiter(IConnectionMultiplexer redis, IOptions<RateLimitOptions> options)
{
    private static readonly string Script = ReadScript();
    private static readonly byte[] Hash = SHA1.HashData(Encoding.UTF8.GetBytes(Script));

    /// <summary>Whether there is somebody to ask.</summary>
    internal bool IsConnected => redis.IsConnected;

    /// <summary>Asks for requests.</summary>
    /// <param name="set">The limits, which must all have room.</param>
    /// <param name="wanted">How many requests, at least 1.</param>
    /// <exception cref="RedisException">Redis does not answer.</exception>
    /// <exception cref="TimeoutException">Redis does not answer in time.</exception>
    internal async Task<Decision> TakeAsync(LimitSet set, int wanted)
    {
        var limits = set.Limits;
        var keys = new RedisKey[limits.Length];
        var values = new RedisValue[(2 * limits.Length) + 1];
        values[0] = wanted;
        for (var index = 0; index < limits.Length; index++)
        {
            keys[index] = limits[index].Subject;
            values[(2 * index) + 1] = limits[index].Interval;
            values[(2 * index) + 2] = limits[index].Tolerance;
        }

        var answer = (long[])(await EvaluateAsync(keys, values).WaitAsync(options.Value.RedisTimeout))!;
        return new Decision(set, answer[..^1], (int)answer[^1]);
    }

    private async Task<RedisResult> EvaluateAsync(RedisKey[] keys, RedisValue[] values)
    {
        var database = redis.GetDatabase();
        try
        {
            return await database.ScriptEvaluateAsync(Hash, keys, values);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            // A server that was restarted has forgotten it; this says it and loads it.
            return await database.ScriptEvaluateAsync(Script, keys, values);
        }
    }

    private static string ReadScript()
    {
        using var stream = typeof(SharedLimiter).Assembly.GetManifestResourceStream($"{typeof(SharedLimiter).Namespace}.limits.lua")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
