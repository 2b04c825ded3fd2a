using BotGeneric.Gateway.Limits;
using BotGeneric.Messaging.Broadcasts;
using StackExchange.Redis;

namespace BotGeneric.Gateway.Status;

/// <summary>How this gateway's own parts are.</summary>
/// <param name="limiter">Counts requests.</param>
/// <param name="broadcasts">Brings revocations.</param>
/// <param name="redis">Holds sessions.</param>
internal sealed class EdgeParts(Limiter limiter, BroadcastState broadcasts, IConnectionMultiplexer redis)
{
    private const string Limits = "limits";
    private const string Revocations = "revocations";
    private const string Sessions = "sessions";

    /// <summary>Their names.</summary>
    internal static IReadOnlyList<string> Names { get; } = [Limits, Revocations, Sessions];

    /// <summary>How they are now. Counting without Redis and asking about every key still work; a session that cannot be read does not.</summary>
    internal Dictionary<string, ComponentState> Read() => new()
    {
        [Limits] = limiter.IsDegraded || !redis.IsConnected ? ComponentState.Degraded : ComponentState.Healthy,
        [Revocations] = broadcasts.IsConnected ? ComponentState.Healthy : ComponentState.Degraded,
        [Sessions] = redis.IsConnected ? ComponentState.Healthy : ComponentState.Unhealthy,
    };
}
