using BotGeneric.Gateway.Routing;

namespace BotGeneric.Gateway.Status;

/// <summary>The last known state of everything, and since when it is so.</summary>
/// <param name="timeProvider">The clock.</param>
internal sealed class StatusBoard(TimeProvider timeProvider)
{
    // Checks are named after connection strings: "<service>-db", "redis", "rabbitmq".
    private static readonly Dictionary<string, Func<string, bool>> Dependencies = new()
    {
        ["postgres"] = check => check.EndsWith("-db", StringComparison.Ordinal),
        ["redis"] = check => check == "redis",
        ["rabbitmq"] = check => check == "rabbitmq",
    };

    private static readonly Dictionary<string, ComponentState> NothingKnown = EdgeParts.Names.ToDictionary(name => name, _ => ComponentState.Unknown);

    private volatile StatusDocument _current = Unknown(timeProvider.GetUtcNow());

    /// <summary>The last known state.</summary>
    internal StatusDocument Current => _current;

    /// <summary>Takes in a round of reports. Called by one poller, one round after the other.</summary>
    /// <param name="reports">What was found out, by service.</param>
    /// <param name="parts">How this gateway's own parts are; null leaves them unknown.</param>
    internal void Update(IReadOnlyDictionary<string, ServiceReport> reports, IReadOnlyDictionary<string, ComponentState>? parts = null)
    {
        var now = timeProvider.GetUtcNow();
        var previous = _current;
        var services = reports.ToDictionary(
            report => report.Key, report => Next(previous.Services.GetValueOrDefault(report.Key), report.Value, now));
        var dependencies = Dependencies.ToDictionary(
            dependency => dependency.Key,
            dependency => Next(
                previous.Dependencies.GetValueOrDefault(dependency.Key),
                ServiceReport.Combine(reports.Values.SelectMany(report => report.Checks)
                    .Where(check => dependency.Value(check.Key))
                    .Select(check => check.Value)),
                now));
        var edge = (parts ?? NothingKnown).ToDictionary(
            part => part.Key, part => Next(previous.Edge.GetValueOrDefault(part.Key), part.Value, now));
        _current = new StatusDocument(Overall(services, [.. dependencies.Values, .. edge.Values]), services, dependencies, edge);
    }

    private static ServiceStatus Next(ServiceStatus? previous, ServiceReport report, DateTimeOffset now) => new(
        report.State,
        previous?.State == report.State ? previous.Since : now,
        report.Checks.ToDictionary(check => check.Key, check => Next(previous?.Checks.GetValueOrDefault(check.Key), check.Value, now)));

    private static ComponentStatus Next(ComponentStatus? previous, ComponentState state, DateTimeOffset now) =>
        previous?.State == state ? previous : new ComponentStatus(state, now);

    private static ComponentState Overall(
        Dictionary<string, ServiceStatus> services, IReadOnlyCollection<ComponentStatus> parts)
    {
        // A dependency that no service uses is unknown and nobody misses it.
        if (services.Values.All(service => service.State == ComponentState.Healthy)
            && parts.All(part => part.State is ComponentState.Healthy or ComponentState.Unknown))
        {
            return ComponentState.Healthy;
        }

        return services.Values.Any(service => service.State is ComponentState.Healthy or ComponentState.Degraded)
            ? ComponentState.Degraded
            : ComponentState.Unhealthy;
    }

    private static StatusDocument Unknown(DateTimeOffset now) => new(
        ComponentState.Unknown,
        ServiceNames.All.ToDictionary(
            service => service, _ => new ServiceStatus(ComponentState.Unknown, now, new Dictionary<string, ComponentStatus>())),
        Dependencies.Keys.ToDictionary(dependency => dependency, _ => new ComponentStatus(ComponentState.Unknown, now)),
        EdgeParts.Names.ToDictionary(name => name, _ => new ComponentStatus(ComponentState.Unknown, now)));
}
