using BotGeneric.Billing.Background;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Subscriptions;

/// <summary>
/// Ends access when the clock alone says so: the grace of a missing payment is over, or something was given until now. Safe on several replicas: each
/// subscription is ended by one of them, and working it out again changes nothing. One that cannot be worked out is passed over and tried again later and later.
/// </summary>
/// <param name="scopes">A scope for each subscription: one that fails leaves nothing behind for the next.</param>
/// <param name="metrics">Counts those that fail.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Gets those that fail.</param>
public sealed partial class AccessEnds(
    IServiceScopeFactory scopes, BackgroundMetrics metrics, TimeProvider timeProvider, ILogger<AccessEnds> logger)
{
    // As many as replicas that could hold one each.
    private const int Candidates = 10;

    private readonly Postponements _postponed = new(timeProvider, TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(15));

    /// <summary>Ends the access of the subscription for which that was due first among those that can be ended, and commits.</summary>
    /// <param name="cancellationToken">Cancels; nothing is then committed.</param>
    /// <returns>Whether one was ended.</returns>
    public async Task<bool> EndNextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var due = await DueAsync(cancellationToken);
            var failed = 0;
            foreach (var id in due)
            {
                switch (await TryEndAsync(id, cancellationToken))
                {
                    case true:
                        return true;
                    case null:
                        failed++;
                        break;
                }
            }

            // Behind those that have failed just now there may be others.
            if (failed == 0 || due.Count < Candidates)
            {
                return false;
            }
        }
    }

    /// <summary>When access ends next, or ending it is tried again.</summary>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>The moment, UTC; null when none is known.</returns>
    public async Task<DateTimeOffset?> NextAsync(CancellationToken cancellationToken)
    {
        var (again, postponed) = (_postponed.Next, _postponed.Waiting);
        await using var scope = scopes.CreateAsyncScope();
        var subscriptions = scope.ServiceProvider.GetRequiredService<BillingDbContext>().Subscriptions.Where(row => !postponed.Contains(row.Id));
        var grace = await subscriptions.Where(row => row.GrantsAccess && row.GraceEndsAt != null).MinAsync(row => row.GraceEndsAt, cancellationToken);
        var gift = await subscriptions
            .Where(row => row.Source == SubscriptionSource.Comped && row.GrantsAccess && row.State.PeriodEnd != null)
            .MinAsync(row => row.State.PeriodEnd, cancellationToken);
        return new[] { grace, gift, again }.Min();
    }

    private async Task<List<Guid>> DueAsync(CancellationToken cancellationToken)
    {
        var postponed = _postponed.Waiting;
        await using var scope = scopes.CreateAsyncScope();
        // Ids alone: what is damaged in one of them is met when it is its turn.
        return await AccessEnd.Due(scope.ServiceProvider.GetRequiredService<BillingDbContext>(), timeProvider.GetUtcNow())
            .Where(row => !postponed.Contains(row.Id))
            .OrderBy(row => row.GraceEndsAt ?? row.State.PeriodEnd)
            .Select(row => row.Id)
            .Take(Candidates)
            .ToListAsync(cancellationToken);
    }

    // Null: it failed.
    private async Task<bool?> TryEndAsync(Guid id, CancellationToken cancellationToken)
    {
        try
        {
            var isEnded = await BillingConflicts.RetryAsync(
                async () =>
                {
                    await using var scope = scopes.CreateAsyncScope();
                    return await scope.ServiceProvider.GetRequiredService<AccessEnd>().EndAsync(id, cancellationToken);
                },
                BillingConflicts.IsConflict,
                timeProvider,
                cancellationToken);
            if (isEnded)
            {
                _postponed.Forget(id);
            }

            return isEnded;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, exception, id);
            metrics.Postponed(BackgroundMetrics.AccessEnd);
            _postponed.Postpone(id);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The access of subscription {Subscription} cannot be ended; it is tried again later, and the others go on")]
    private static partial void LogFailed(ILogger logger, Exception exception, Guid subscription);
}
