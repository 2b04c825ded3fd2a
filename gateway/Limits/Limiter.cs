using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using BotGeneric.Gateway.Routing;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace BotGeneric.Gateway.Limits;

/// <summary>A decision and how much of what it granted is left to others.</summary>
/// <param name="Decision">What was decided.</param>
/// <param name="Unused">Requests that were granted and not used yet.</param>
internal readonly record struct LimitAnswer(Decision Decision, int Unused);

/// <summary>Decides whether a request is one too many.</summary>
internal sealed partial class Limiter
{
    private const int LeaseCapacity = 50_000;
    private const int FewestToTakeAhead = 8;

    private static readonly TimeSpan LeaseLifetime = TimeSpan.FromSeconds(1);

    // After Redis failed it is left alone for a moment, so that not every request pays for finding out.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<LimitRequest, Lease> _leases = new();
    private readonly SharedLimiter _shared;
    private readonly LocalLimiter _local;
    private readonly RateLimitOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<Limiter> _logger;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _localDecisions;
    private long _sharedAgainAt;
    private volatile bool _isDegraded;

    public Limiter(
        SharedLimiter shared, LocalLimiter local, IOptions<RateLimitOptions> options, IMeterFactory meters, TimeProvider timeProvider, ILogger<Limiter> logger)
    {
        _shared = shared;
        _local = local;
        _options = options.Value;
        _timeProvider = timeProvider;
        _logger = logger;
        var meter = meters.Create("BotGeneric.Gateway");
        _refused = meter.CreateCounter<long>("gateway.limits.refused", "{request}", "Requests refused by a rate limit, by the limit.");
        _localDecisions = meter.CreateCounter<long>("gateway.limits.local", "{request}", "Requests that this gateway counted by itself, because Redis did not answer.");
        meter.CreateObservableGauge("gateway.limits.degraded", () => _isDegraded ? 1 : 0, null, "1 while this gateway counts by itself, else 0.");
    }

    /// <summary>Whether this gateway counts by itself.</summary>
    internal bool IsDegraded => _isDegraded;

    /// <summary>Counts a request.</summary>
    /// <param name="request">Against what.</param>
    internal ValueTask<LimitAnswer> CountAsync(LimitRequest request)
    {
        if (_leases.TryGetValue(request, out var lease) && _timeProvider.GetTimestamp() < lease.Until)
        {
            if (!lease.TryUse(out var unused))
            {
                return new ValueTask<LimitAnswer>(TakeMoreAsync(request, lease));
            }

            if (unused == lease.TakeAheadAt && lease.TryBecomeTaker())
            {
                _ = TakeAheadAsync(request, lease);
            }

            return new ValueTask<LimitAnswer>(new LimitAnswer(lease.Decision, unused));
        }

        return new ValueTask<LimitAnswer>(TakeOneAsync(request, lease?.Decision.Set));
    }

    private async Task<LimitAnswer> TakeOneAsync(LimitRequest request, LimitSet? known)
    {
        var decision = await TakeAsync(known ?? new LimitSet(LimitsOf(request)), wanted: 1);
        Remember(request, decision);
        return new LimitAnswer(decision, 0);
    }

    // A caller who has used up what was taken within its time is busy: twice as much is taken. One request does it, the others wait for that,
    // because what each of them took and did not use would be lost.
    private async Task<LimitAnswer> TakeMoreAsync(LimitRequest request, Lease last)
    {
        if (_options.LeaseSize > 1 && last.Decision.Granted > 0)
        {
            if (last.TryBecomeTaker())
            {
                var decision = await TakeAsync(last.Decision.Set, Math.Min(_options.LeaseSize, last.Decision.Granted * 2));
                Remember(request, decision);
                last.Taken();
                return new LimitAnswer(decision, Math.Max(0, decision.Granted - 1));
            }

            await last.Successor;
            if (_leases.TryGetValue(request, out var lease) && lease != last && lease.TryUse(out var unused))
            {
                return new LimitAnswer(lease.Decision, unused);
            }
        }

        return new LimitAnswer(await TakeAsync(last.Decision.Set, wanted: 1), 0);
    }

    // Half is used within its time: more is taken before the rest is gone, so that hardly anybody waits for it. What is left goes over.
    private async Task TakeAheadAsync(LimitRequest request, Lease last)
    {
        try
        {
            var decision = await AskAsync(last.Decision.Set, Math.Min(_options.LeaseSize, last.Decision.Granted * 2));
            if (decision.Granted > 0)
            {
                _leases[request] = new Lease(decision, Until(), decision.Granted + last.GiveUp());
            }
        }
        finally
        {
            last.Taken();
        }
    }

    private async Task<Decision> TakeAsync(LimitSet set, int wanted)
    {
        var decision = await AskAsync(set, wanted);
        if (decision.Granted == 0)
        {
            _refused.Add(1, new KeyValuePair<string, object?>("limit", decision.Limits[decision.Tightest()].Name));
        }

        return decision;
    }

    private async Task<Decision> AskAsync(LimitSet set, int wanted)
    {
        if (_shared.IsConnected && _timeProvider.GetTimestamp() >= Volatile.Read(ref _sharedAgainAt))
        {
            try
            {
                var decision = await _shared.TakeAsync(set, wanted);
                Recovered();
                return decision;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                Volatile.Write(ref _sharedAgainAt, _timeProvider.GetTimestamp() + (long)(Pause.TotalSeconds * _timeProvider.TimestampFrequency));
                LogAway(_logger, exception.GetType().Name);
            }
        }

        _isDegraded = true;
        _localDecisions.Add(1);
        return _local.Take(set);
    }

    private void Remember(LimitRequest request, Decision decision)
    {
        if (_options.LeaseSize == 1 || decision.Granted == 0)
        {
            _leases.TryRemove(request, out _);
            return;
        }

        if (_leases.Count >= LeaseCapacity)
        {
            var now = _timeProvider.GetTimestamp();
            foreach (var (old, lease) in _leases)
            {
                if (lease.Until <= now)
                {
                    _leases.TryRemove(old, out _);
                }
            }

            if (_leases.Count >= LeaseCapacity)
            {
                return;
            }
        }

        _leases[request] = new Lease(decision, Until(), decision.Granted - 1);
    }

    private long Until() => _timeProvider.GetTimestamp() + (long)(LeaseLifetime.TotalSeconds * _timeProvider.TimestampFrequency);

    private void Recovered()
    {
        if (_isDegraded)
        {
            _isDegraded = false;
            LogBack(_logger);
        }
    }

    private Limit[] LimitsOf(LimitRequest request)
    {
        var limits = new Limit[request.Count];
        var count = 0;
        if (request.Address is { } address)
        {
            var name = request.Class switch { LimitClass.SignIn => "sign-in", LimitClass.Pages => "pages", LimitClass.Webhooks => "webhooks", _ => "api" };
            limits[count++] = Limit.Of(name, $"{{limits}}:{name}:{address}", _options.Of(request.Class));
        }

        if (request.Account is { } account)
        {
            limits[count++] = Limit.Of("account", $"{{limits}}:account:{account}", _options.Account);
        }

        if (request.Key is { } key)
        {
            limits[count] = Limit.Of(
                "key", $"{{limits}}:key:{key}", request.KeyPerMinute > 0 ? RateLimit.PerMinute(request.KeyPerMinute) : _options.Key);
        }

        return limits;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis does not answer ({Reason}): this gateway counts requests by itself")]
    private static partial void LogAway(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis answers again: the gateways count requests together")]
    private static partial void LogBack(ILogger logger);

    /// <summary>Requests that were granted together.</summary>
    private sealed class Lease(Decision decision, long until, int left)
    {
        private readonly TaskCompletionSource _successor = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = left;
        private int _hasTaker;

        internal Decision Decision => decision;

        internal long Until => until;

        /// <summary>Whoever leaves this many takes more ahead. Too few are not worth it.</summary>
        internal int TakeAheadAt { get; } = decision.Granted < FewestToTakeAhead ? -1 : decision.Granted / 2;

        /// <summary>Ends when somebody has taken more.</summary>
        internal Task Successor => _successor.Task;

        internal bool TryUse(out int unused)
        {
            unused = Interlocked.Decrement(ref _left);
            return unused >= 0;
        }

        /// <summary>What nobody has used; nobody can any more.</summary>
        internal int GiveUp() => Math.Max(0, Interlocked.Exchange(ref _left, 0));

        internal bool TryBecomeTaker() => Interlocked.Exchange(ref _hasTaker, 1) == 0;

        internal void Taken() => _successor.SetResult();
    }
}
