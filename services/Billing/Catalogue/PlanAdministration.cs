using BotGeneric.Billing.Api;
using BotGeneric.Billing.Auditing;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Messaging;
using BotGeneric.Messaging;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Catalogue;

/// <summary>Takes plans out of sale and moves those who have them to the present terms.</summary>
/// <param name="db">Billing's database.</param>
/// <param name="outbox">Tells the other services.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class PlanAdministration(BillingDbContext db, IOutbox outbox, TimeProvider timeProvider)
{
    // Small enough that nobody waits long for one of the rows.
    private const int BatchSize = 200;

    /// <summary>Takes a plan out of sale. Who has it keeps it. Safe to repeat.</summary>
    /// <param name="code">The plan.</param>
    /// <param name="actor">Who says so.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    /// <returns>Whether there is such a plan.</returns>
    /// <exception cref="DbUpdateConcurrencyException">Somebody else changed it meanwhile.</exception>
    internal async Task<bool> ArchiveAsync(string code, string actor, string reason, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        if (await db.Plans.SingleOrDefaultAsync(row => row.Code == code, cancellationToken) is not { } plan)
        {
            return false;
        }

        if (plan.Offer(new PlanListing(PlanVisibility.Archived, plan.SortOrder)))
        {
            outbox.Add(db, plan.ToEvent(Guid.CreateVersion7(now), now), orderingKey: $"plan:{code}");
            db.Audit(now, actor, BillingActions.PlanArchived, code, reason: reason);
            await db.SaveChangesAsync(cancellationToken);
        }

        return true;
    }

    /// <summary>
    /// Moves subscribers to the present version of their plan: to our terms, at the price that they pay now. Each subscription is told to the others. Safe to
    /// repeat, also after it was interrupted. Who gets a version that is made meanwhile keeps it.
    /// </summary>
    /// <param name="code">The plan.</param>
    /// <param name="request">Whom.</param>
    /// <param name="actor">Who says so.</param>
    /// <param name="cancellationToken">Stops; who was moved stays moved.</param>
    /// <returns>How many; null when there is no such plan.</returns>
    /// <exception cref="DbUpdateException">Others kept changing the same subscriptions, five times; who was moved stays moved.</exception>
    internal async Task<MovedSubscribers?> MoveSubscribersAsync(string code, MoveSubscribersRequest request, string actor, CancellationToken cancellationToken)
    {
        if (await db.Plans.AsNoTracking().SingleOrDefaultAsync(row => row.Code == code, cancellationToken) is not { } plan)
        {
            return null;
        }

        if (request.DryRun)
        {
            var waiting = await Waiting(plan, request.FromVersion)
                .GroupBy(subscription => subscription.PlanVersion)
                .Select(group => new VersionSubscribers(group.Key, group.Count()))
                .ToListAsync(cancellationToken);
            return new MovedSubscribers(plan.Version, [.. waiting.OrderBy(held => held.Version)], DryRun: true);
        }

        db.Audit(
            timeProvider.GetUtcNow(), actor, BillingActions.SubscribersMoved, code, reason: request.Reason,
            details: new { request.FromVersion, ToVersion = plan.Version });
        await db.SaveChangesAsync(cancellationToken);
        var moved = new SortedDictionary<int, int>();
        var after = Guid.Empty;
        while (await BillingConflicts.RetryAsync(() => MoveBatchAsync(plan, request.FromVersion, after, cancellationToken), timeProvider, cancellationToken) is { } batch)
        {
            after = batch.Last;
            foreach (var held in batch.Moved)
            {
                moved[held] = moved.GetValueOrDefault(held) + 1;
            }
        }

        return new MovedSubscribers(plan.Version, [.. moved.Select(held => new VersionSubscribers(held.Key, held.Value))], DryRun: false);
    }

    // What was moved is counted by who calls, once it is committed: an attempt that met somebody else is made again from the beginning.
    private async Task<Batch?> MoveBatchAsync(Plan plan, int? from, Guid after, CancellationToken cancellationToken)
    {
        db.ChangeTracker.Clear();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var ids = await Waiting(plan, from).Where(subscription => subscription.Id > after)
            .OrderBy(subscription => subscription.Id).Take(BatchSize).Select(subscription => subscription.Id).ToArrayAsync(cancellationToken);
        if (ids.Length == 0)
        {
            return null;
        }

        // Locked in the order of ids, so that an event of Paddle's that comes meanwhile waits and starts from what is written here.
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM subscriptions WHERE id = ANY ({ids}) ORDER BY id FOR UPDATE", cancellationToken);
        var subscriptions = await db.Subscriptions.Where(subscription => ids.Contains(subscription.Id)).ToListAsync(cancellationToken);
        var moved = new List<int>();
        foreach (var subscription in subscriptions.Where(subscription => subscription.IsLive && (from is null || subscription.PlanVersion == from)))
        {
            var held = subscription.PlanVersion;
            if (subscription.MoveToVersion(plan))
            {
                outbox.Add(db, subscription.ToEvent(Guid.CreateVersion7(timeProvider.GetUtcNow())), orderingKey: subscription.Id.ToString());
                moved.Add(held);
            }
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new Batch(ids[^1], moved);
    }

    private sealed record Batch(Guid Last, IReadOnlyList<int> Moved);

    private IQueryable<Subscription> Waiting(Plan plan, int? from) => db.Subscriptions.AsNoTracking().Where(subscription =>
        subscription.PlanCode == plan.Code
        && subscription.PlanVersion < plan.Version
        && (from == null || subscription.PlanVersion == from)
        && subscription.State.Status != SubscriptionStatus.Canceled);
}
