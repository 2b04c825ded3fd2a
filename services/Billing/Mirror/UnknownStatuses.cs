using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BotGeneric.Billing.Mirror;

/// <summary>
/// A line of the health report, which never makes the service unready: degraded while something here has a status of the provider's that this version does not know. Access stays as it was for
/// as long, which may be too much or too little.
/// </summary>
/// <param name="scopes">A scope for each look.</param>
/// <param name="metrics">Tells when one is heard of.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class UnknownStatuses(IServiceScopeFactory scopes, MirrorMetrics metrics, TimeProvider timeProvider) : IHealthCheck
{
    /// <summary>The line's name.</summary>
    public const string Name = "paddle-statuses";

    // A look goes through all payments. What this process hears of is looked for at once, and until its transaction must have ended.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);

    private volatile Look? _look;

    /// <inheritdoc />
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var (now, heard) = (timeProvider.GetUtcNow(), metrics.UnknownStatuses);
        if (_look is not { } look || look.Heard != heard || (now - look.HeardAt).Duration() < Soon
            || (now - look.At).Duration() >= (look.Unknown is null ? BetweenLooks : Soon))
        {
            var heardAt = _look is { } last && last.Heard == heard ? last.HeardAt : now;
            _look = look = new Look(now, heard, heardAt, await FindAsync(cancellationToken));
        }

        return look.Unknown is { } unknown ? HealthCheckResult.Degraded(unknown) : HealthCheckResult.Healthy();
    }

    private async Task<string?> FindAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BillingDbContext>();
        var unknown = await db.Subscriptions.Where(row => row.State.Status == SubscriptionStatus.Unknown).Select(row => "subscription " + row.State.RawStatus)
            .Union(db.Transactions.Where(row => row.State.Status == TransactionStatus.Unknown).Select(row => "transaction " + row.State.RawStatus))
            .Union(db.Adjustments.Where(row => row.State.Status == AdjustmentStatus.Unknown).Select(row => "adjustment " + row.State.RawStatus))
            .Order()
            .ToListAsync(cancellationToken);
        return unknown.Count == 0 ? null : $"This version does not know: {string.Join(", ", unknown)}.";
    }

    private sealed record Look(DateTimeOffset At, long Heard, DateTimeOffset HeardAt, string? Unknown);
}
