using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BotGeneric.Usage.Prices;

/// <summary>
/// A line of the health report, which never makes the service unready: degraded while calls of the last day have no cost, because budgets in money do not count them. A model that costs
/// nothing has a price of 0. Looked at once a minute at most.
/// </summary>
/// <param name="calls">Counts them.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class UnpricedHealth(UnpricedCalls calls, TimeProvider timeProvider) : IHealthCheck
{
    /// <summary>The line's name.</summary>
    public const string Name = "unpriced-models";

    private static readonly TimeSpan Shown = TimeSpan.FromDays(1);
    private static readonly TimeSpan MaximumAge = TimeSpan.FromMinutes(1);

    private volatile Look? _look;

    /// <inheritdoc />
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var now = timeProvider.GetUtcNow();
        if (_look is not { } look || (now - look.At).Duration() >= MaximumAge)
        {
            _look = look = new Look(now, (await calls.ListAsync(cancellationToken)).Any(model => model.To > now - Shown));
        }

        return look.IsUnpriced ? HealthCheckResult.Degraded() : HealthCheckResult.Healthy();
    }

    private sealed record Look(DateTimeOffset At, bool IsUnpriced);
}
