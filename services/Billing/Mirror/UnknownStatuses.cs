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
internal sealed class UnknownStatuses(IServiceScopeFactory scopes) : IHealthCheck
{
    /// <summary>The line's name.</summary>
    public const string Name = "paddle-statuses";

    /// <inheritdoc />
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BillingDbContext>();
        // Each by an index that holds nothing else.
        var unknown = await db.Subscriptions.Where(row => row.State.Status == SubscriptionStatus.Unknown).Select(row => "subscription " + row.State.RawStatus)
            .Union(db.Transactions.Where(row => row.State.Status == TransactionStatus.Unknown).Select(row => "transaction " + row.State.RawStatus))
            .Union(db.Adjustments.Where(row => row.State.Status == AdjustmentStatus.Unknown).Select(row => "adjustment " + row.State.RawStatus))
            .Order()
            .ToListAsync(cancellationToken);
        return unknown.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded($"This version does not know: {string.Join(", ", unknown)}.");
    }
}
