using System.Buffers;
using System.Diagnostics.Metrics;
using BotGeneric.Policy.Decisions.Scripts;
using BotGeneric.ServiceDefaults.Data;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace BotGeneric.Policy.Decisions;

/// <summary>Redis does not answer. Limits say by their failure mode what happens.</summary>
/// <param name="reason">What was seen.</param>
public sealed class CountersUnavailableException(string reason) : Exception($"The counters cannot be reached: {reason}.");

/// <summary>Runs scripts, and leaves Redis alone for a moment after it did not answer, so that not every call pays for finding out.</summary>
public sealed partial class PolicyRedis
{
    private readonly IConnectionMultiplexer _redis;
    private readonly DecisionOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<PolicyRedis> _logger;
    private long _pausedUntil = long.MinValue;
    private int _isAway;

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
            "policy.counters.away", () => IsAway ? 1 : 0, null, "1 while Redis does not answer and limits follow their failure mode, else 0.");
    }

    /// <summary>Whether it did not answer when it was last asked.</summary>
    public bool IsAway => Volatile.Read(ref _isAway) == 1;

    /// <summary>Runs a script.</summary>
    /// <param name="script">The script.</param>
    /// <param name="keys">Its keys, all in one slot.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="buffer">Memory of an argument; given back to the pool when the answer is there.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="CountersUnavailableException">Redis does not answer.</exception>
    internal async Task<byte[]> RunAsync(PolicyScript script, RedisKey[] keys, RedisValue[] arguments, ArrayBufferWriter<byte> buffer)
    {
        ThrowIfPaused();
        RedisResult answer;
        using var command = RedisTelemetry.Begin("EVALSHA");
        try
        {
            // By its digest: the client would look the digest up by the whole text each time.
            answer = await _redis.GetDatabase().ScriptEvaluateAsync(script.Digest, keys, arguments);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            answer = await GuardAsync("EVAL", () => _redis.GetDatabase().ScriptEvaluateAsync(script.Text, keys, arguments));
        }
        catch (Exception exception) when (IsOutage(exception))
        {
            throw Away(exception);
        }

        Back();
        ScriptBuffer.Return(buffer);
        return (byte[]?)answer ?? throw new InvalidOperationException("The script answered nothing.");
    }

    /// <summary>Deletes keys of one slot.</summary>
    /// <param name="keys">The keys.</param>
    /// <exception cref="CountersUnavailableException">Redis does not answer.</exception>
    internal Task<long> DeleteAsync(RedisKey[] keys) => GuardAsync("DEL", () => _redis.GetDatabase().KeyDeleteAsync(keys));

    /// <summary>Reads the version of a target's sums.</summary>
    /// <param name="key">The target's key.</param>
    /// <returns>The version; -1 without one.</returns>
    /// <exception cref="CountersUnavailableException">Redis does not answer.</exception>
    internal async Task<long> ReadVersionAsync(RedisKey key) =>
        await GuardAsync("HGET", () => _redis.GetDatabase().HashGetAsync(key, "v")) is { HasValue: true } version ? (long)version : -1;

    private async Task<T> GuardAsync<T>(string name, Func<Task<T>> call)
    {
        ThrowIfPaused();
        using var command = RedisTelemetry.Begin(name);
        try
        {
            var answer = await call();
            Back();
            return answer;
        }
        catch (Exception exception) when (IsOutage(exception))
        {
            throw Away(exception);
        }
    }

    private void ThrowIfPaused()
    {
        if (IsAway && _timeProvider.GetTimestamp() < Volatile.Read(ref _pausedUntil))
        {
            throw new CountersUnavailableException("it did not answer a moment ago");
        }
    }

    private void Back()
    {
        if (IsAway && Interlocked.Exchange(ref _isAway, 0) == 1)
        {
            LogBack(_logger);
        }
    }

    private CountersUnavailableException Away(Exception exception)
    {
        Volatile.Write(ref _pausedUntil, _timeProvider.GetTimestamp() + (long)(_options.RedisPause.TotalSeconds * _timeProvider.TimestampFrequency));
        if (Interlocked.Exchange(ref _isAway, 1) == 0)
        {
            LogAway(_logger, exception.GetType().Name);
        }

        return new CountersUnavailableException(exception.GetType().Name);
    }

    private static bool IsOutage(Exception exception) =>
        exception is TimeoutException or RedisConnectionException || (exception is RedisServerException && IsOutage(exception.Message));

    // It answers, but not what it is asked: it loads its file, is a replica after a failover, or a part of its cluster is gone.
    private static bool IsOutage(string message) =>
        message.StartsWith("LOADING", StringComparison.Ordinal) || message.StartsWith("BUSY", StringComparison.Ordinal) || message.StartsWith("READONLY", StringComparison.Ordinal)
        || message.StartsWith("CLUSTERDOWN", StringComparison.Ordinal) || message.StartsWith("MASTERDOWN", StringComparison.Ordinal)
        || message.StartsWith("OOM", StringComparison.Ordinal) || message.StartsWith("MISCONF", StringComparison.Ordinal);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis does not answer ({Reason}): limits follow their failure mode")]
    private static partial void LogAway(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis answers again: limits are counted")]
    private static partial void LogBack(ILogger logger);
}
