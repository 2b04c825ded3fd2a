using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using BotGeneric.Policy.Decisions.Scripts;
using BotGeneric.ServiceDefaults.Data;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace BotGeneric.Policy.Decisions;

/// <summary>Redis does not answer. Limits say by their failure mode what happens.</summary>
/// <param name="reason">What was seen.</param>
public sealed class CountersUnavailableException(string reason) : Exception($"The counters cannot be reached: {reason}.");

/// <summary>
/// Runs scripts, and leaves a server alone for a moment after it did not answer, so that not every call pays for finding out. Of a cluster each node by itself: what is
/// on the others goes on.
/// </summary>
public sealed partial class PolicyRedis
{
    private const string OneServer = "redis";

    // After so many pauses without another failure.
    private const int ForgottenPauses = 30;

    private readonly IConnectionMultiplexer _redis;
    private readonly DecisionOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<PolicyRedis> _logger;

    // Until when servers that did not answer are left alone, by their name.
    private readonly ConcurrentDictionary<string, long> _away = new(StringComparer.Ordinal);
    private int _areAway;

    /// <summary>What the connection must be like: an answer in time, or none.</summary>
    /// <param name="configuration">The connection's configuration.</param>
    public static void Configure(ConfigurationOptions configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        // Threads of the connection's own would only be one more to hand every answer over from.
        configuration.SocketManager = SocketManager.ThreadPool;
        configuration.AsyncTimeout = 500;
        // Timeouts are looked for at every beat.
        configuration.HeartbeatInterval = TimeSpan.FromMilliseconds(250);
    }

    /// <summary>Makes the gauge of whether Redis is away.</summary>
    /// <param name="redis">The connection.</param>
    /// <param name="options">How long to wait.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="meters">For the gauge.</param>
    /// <param name="logger">Says when it goes away and when it is back.</param>
    public PolicyRedis(
        IConnectionMultiplexer redis, IOptions<DecisionOptions> options, TimeProvider timeProvider, IMeterFactory meters, ILogger<PolicyRedis> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(meters);
        (_redis, _options, _timeProvider, _logger) = (redis, options.Value, timeProvider, logger);
        meters.Create("BotGeneric.Policy").CreateObservableGauge(
            "policy.counters.away", () => IsAway ? 1 : 0, null, "1 while Redis, or a node of its cluster, does not answer and limits follow their failure mode, else 0.");
    }

    /// <summary>Whether it, or a node of the cluster, did not answer when it was last asked.</summary>
    public bool IsAway => Volatile.Read(ref _areAway) > 0;

    /// <summary>Runs a script.</summary>
    /// <param name="script">The script.</param>
    /// <param name="keys">Its keys, all in one slot.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="buffer">Memory of an argument; given back to the pool when the answer is there.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="CountersUnavailableException">Redis does not answer.</exception>
    internal async Task<byte[]> RunAsync(PolicyScript script, RedisKey[] keys, RedisValue[] arguments, ArrayBufferWriter<byte> buffer)
    {
        ThrowIfPaused(keys[0]);
        RedisResult answer;
        using var command = RedisTelemetry.Begin("EVALSHA");
        try
        {
            // By its digest: the client would look the digest up by the whole text each time.
            answer = await _redis.GetDatabase().ScriptEvaluateAsync(script.Digest, keys, arguments);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            answer = await GuardAsync("EVAL", keys[0], () => _redis.GetDatabase().ScriptEvaluateAsync(script.Text, keys, arguments));
        }
        catch (Exception exception) when (IsOutage(exception))
        {
            throw Away(keys[0], exception);
        }

        Back(keys[0]);
        ScriptBuffer.Return(buffer);
        return (byte[]?)answer ?? throw new InvalidOperationException("The script answered nothing.");
    }

    /// <summary>Deletes keys of one slot.</summary>
    /// <param name="keys">The keys.</param>
    /// <exception cref="CountersUnavailableException">Redis does not answer.</exception>
    internal Task<long> DeleteAsync(RedisKey[] keys) => GuardAsync("DEL", keys[0], () => _redis.GetDatabase().KeyDeleteAsync(keys));

    /// <summary>Reads the version of a target's sums.</summary>
    /// <param name="key">The target's key.</param>
    /// <returns>The version; -1 without one.</returns>
    /// <exception cref="CountersUnavailableException">Redis does not answer.</exception>
    internal async Task<long> ReadVersionAsync(RedisKey key) =>
        await GuardAsync("HGET", key, () => _redis.GetDatabase().HashGetAsync(key, "v")) is { HasValue: true } version ? (long)version : -1;

    private async Task<T> GuardAsync<T>(string name, RedisKey key, Func<Task<T>> call)
    {
        ThrowIfPaused(key);
        using var command = RedisTelemetry.Begin(name);
        try
        {
            var answer = await call();
            Back(key);
            return answer;
        }
        catch (Exception exception) when (IsOutage(exception))
        {
            throw Away(key, exception);
        }
    }

    private void ThrowIfPaused(RedisKey key)
    {
        if (IsAway && _away.TryGetValue(ServerOf(key), out var until) && _timeProvider.GetTimestamp() < until)
        {
            throw new CountersUnavailableException("it did not answer a moment ago");
        }
    }

    private void Back(RedisKey key)
    {
        if (!IsAway)
        {
            return;
        }

        var (here, now) = (ServerOf(key), _timeProvider.GetTimestamp());
        // What nobody has failed at for long is away no more: another node has its keys.
        var forgotten = (long)(_options.RedisPause.TotalSeconds * ForgottenPauses * _timeProvider.TimestampFrequency);
        foreach (var (server, until) in _away)
        {
            if ((server == here || now - until > forgotten) && _away.TryRemove(server, out _))
            {
                LogBack(_logger, server);
            }
        }

        Volatile.Write(ref _areAway, _away.Count);
    }

    private CountersUnavailableException Away(RedisKey key, Exception exception)
    {
        var until = _timeProvider.GetTimestamp() + (long)(_options.RedisPause.TotalSeconds * _timeProvider.TimestampFrequency);
        var server = ServerOf(key);
        if (_away.TryAdd(server, until))
        {
            LogAway(_logger, server, exception.GetType().Name);
        }
        else
        {
            _away[server] = until;
        }

        Volatile.Write(ref _areAway, _away.Count);
        return new CountersUnavailableException(exception.GetType().Name);
    }

    // The node that has a key, as the client last heard of the cluster; without one there is one server. Asked only while something is away.
    private string ServerOf(RedisKey key)
    {
        var slot = _redis.GetHashSlot(key);
        if (slot < 0)
        {
            return OneServer;
        }

        foreach (var server in _redis.GetServers())
        {
            if (server.ClusterConfiguration?.GetBySlot(slot) is { } node)
            {
                return node.EndPoint?.ToString() ?? node.NodeId;
            }
        }

        return OneServer;
    }

    private static bool IsOutage(Exception exception) =>
        exception is TimeoutException or RedisConnectionException || (exception is RedisServerException && IsOutage(exception.Message));

    // It answers, but not what it is asked: it loads its file, is a replica after a failover, or a part of its cluster is gone.
    private static bool IsOutage(string message) =>
        message.StartsWith("LOADING", StringComparison.Ordinal) || message.StartsWith("BUSY", StringComparison.Ordinal) || message.StartsWith("READONLY", StringComparison.Ordinal)
        || message.StartsWith("CLUSTERDOWN", StringComparison.Ordinal) || message.StartsWith("MASTERDOWN", StringComparison.Ordinal)
        || message.StartsWith("OOM", StringComparison.Ordinal) || message.StartsWith("MISCONF", StringComparison.Ordinal)
        || message.StartsWith("NOREPLICAS", StringComparison.Ordinal);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis does not answer ({Server}: {Reason}): limits follow their failure mode")]
    private static partial void LogAway(ILogger logger, string server, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis answers again ({Server}): limits are counted")]
    private static partial void LogBack(ILogger logger, string server);
}
