namespace BotGeneric.Gateway.Status;

/// <summary>How something is.</summary>
public enum ComponentState
{
    /// <summary>Nobody has told yet.</summary>
    Unknown,

    /// <summary>Everything works.</summary>
    Healthy,

    /// <summary>It works in part: a replica is away, or one of several services cannot reach a dependency.</summary>
    Degraded,

    /// <summary>It says of itself that it cannot do its work.</summary>
    Unhealthy,

    /// <summary>It does not answer.</summary>
    Unreachable,
}

/// <summary>The state of a dependency.</summary>
/// <param name="State">How it is.</param>
/// <param name="Since">When that began, UTC; never earlier than this gateway's own start.</param>
public sealed record ComponentStatus(ComponentState State, DateTimeOffset Since);

/// <summary>The state of a service.</summary>
/// <param name="State">How it is.</param>
/// <param name="Since">When that began, UTC; never earlier than this gateway's own start.</param>
/// <param name="Checks">What it says about each of its dependencies, by name; empty while it does not answer.</param>
public sealed record ServiceStatus(ComponentState State, DateTimeOffset Since, IReadOnlyDictionary<string, ComponentStatus> Checks);

/// <summary>The state of the whole system as this gateway sees it.</summary>
/// <param name="Status"><c>healthy</c> when every service and dependency is, <c>unhealthy</c> when no service is, else <c>degraded</c>.</param>
/// <param name="Services">Each service by name.</param>
/// <param name="Dependencies"><c>postgres</c>, <c>redis</c> and <c>rabbitmq</c>, put together from what the services that use them say.</param>
/// <param name="Edge">
/// This gateway's own parts: <c>limits</c>, degraded while it counts requests by itself; <c>revocations</c>, degraded while it does not hear them
/// and asks about every key; <c>sessions</c>, unhealthy while nobody's session can be read.
/// </param>
public sealed record StatusDocument(
    ComponentState Status,
    IReadOnlyDictionary<string, ServiceStatus> Services,
    IReadOnlyDictionary<string, ComponentStatus> Dependencies,
    IReadOnlyDictionary<string, ComponentStatus> Edge);
