using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BotGeneric.Messaging.Bus;

/// <summary>
/// Unhealthy until the queues are declared and the consumers are connected for the first time: before that the service has never worked.
/// Degraded when the broker is lost later: events wait in the outbox, messages in their queues, and the service still answers.
/// </summary>
internal sealed class BrokerHealthCheck(MessagingRegistry registry, BrokerState state, ConsumerBus bus) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var publishes = registry.PublishedRoutes.Count > 0;
        var publisherUp = !publishes || state.PublisherError is null;
        if (publisherUp && bus.IsHealthy)
            return Task.FromResult(HealthCheckResult.Healthy());

        var reason = publisherUp ? "the consumers are not connected" : $"the outbox has no connection ({state.PublisherError})";
        var worked = (!publishes || state.PublisherWasUp) && bus.WasStarted;
        return Task.FromResult(worked ? HealthCheckResult.Degraded(reason) : HealthCheckResult.Unhealthy(reason));
    }
}
