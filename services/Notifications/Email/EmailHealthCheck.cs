using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace BotGeneric.Notifications.Email;

/// <summary>Degraded, never unhealthy, while no mail can be sent: requests are taken all the same, and wait.</summary>
internal sealed class EmailHealthCheck(IOptions<EmailOptions> options, MailServer server) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        !options.Value.IsConfigured ? HealthCheckResult.Degraded("Email:Host is not set; messages wait.")
        : server.Trouble is { } trouble ? HealthCheckResult.Degraded(trouble)
        : HealthCheckResult.Healthy());
}
