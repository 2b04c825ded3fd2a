using BotGeneric.Billing.Checkouts;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Mirror;

/// <summary>
/// Takes over what the provider says of subscriptions: the one way for events, answers of the API and comparisons. Call within a database transaction, then save
/// and commit.
/// </summary>
/// <param name="db">Billing's database.</param>
/// <param name="payers">Says whose it is.</param>
/// <param name="settlement">Works out what follows.</param>
/// <param name="plans">Knows what prices sell.</param>
/// <param name="checkouts">Follows our checkouts.</param>
/// <param name="metrics">Counts what this version does not know.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Says what this version does not know.</param>
public sealed partial class SubscriptionMirror(
    BillingDbContext db,
    Payers payers,
    Settlement settlement,
    PlanLookup plans,
    CheckoutProgress checkouts,
    MirrorMetrics metrics,
    TimeProvider timeProvider,
    ILogger<SubscriptionMirror> logger)
{
    /// <summary>Takes over a snapshot. Safe to repeat and to do in any order.</summary>
    /// <param name="entity">What the provider says.</param>
    /// <param name="origin">Where it says so.</param>
    /// <param name="cancellationToken">Cancels; nothing must then be committed.</param>
    /// <returns>Whether it is what is known now.</returns>
    /// <exception cref="System.Text.Json.JsonException">An amount is no amount.</exception>
    public async Task<MirrorOutcome> ApplyAsync(PaddleSubscription entity, SnapshotOrigin origin, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entity);
        ArgumentNullException.ThrowIfNull(origin);
        var customer = await payers.OpenAsync(entity.CustomerId, cancellationToken);
        var state = entity.ToState();
        var version = origin.VersionOf(entity.UpdatedAt, (int)state.Status);
        // Before whose it is: that takes locks which come after those of plans.
        var plan = await plans.FindAsync([.. state.Items.Select(item => item.PriceId)], cancellationToken);
        var subscription = await db.Subscriptions.SingleOrDefaultAsync(row => row.PaddleId == entity.Id, cancellationToken);
        if (subscription is null)
        {
            var account = await payers.AccountOfAsync(customer, cancellationToken);
            subscription = Subscription.Track(Guid.CreateVersion7(timeProvider.GetUtcNow()), entity.Id, entity.CustomerId, account, customer.IsLinked);
            db.Subscriptions.Add(subscription);
            settlement.WatchNew(subscription);
            await ClaimByPaymentsAsync(subscription, cancellationToken);
        }
        else
        {
            settlement.Watch(subscription);
        }

        await NoteAsync(entity.Id, origin, version, cancellationToken);
        var isLatest = subscription.Apply(version, state, plan);
        if (isLatest)
        {
            subscription.PaidBy(entity.CustomerId);
            SayWhatIsUnknown(entity, state, plan);
        }

        var reference = checkouts.Read(entity.CustomData);
        if (reference is not null)
        {
            // Whatever is said of a subscription names the checkout that it came from: one is enough.
            var isFollowed = db.Entry(subscription).State != EntityState.Added && subscription.CheckoutId == reference.CheckoutId;
            subscription.Claim(reference.CheckoutId, reference.AccountId);
            await payers.ClaimAsync(customer, reference, cancellationToken);
            if (!isFollowed)
            {
                await checkouts.FollowAsync(reference, entity.TransactionId, CheckoutStatus.Completed, cancellationToken);
            }
        }

        await payers.AssignAsync(subscription, await PayerOfAsync(subscription, customer, cancellationToken), cancellationToken);
        await settlement.SettleAsync(cancellationToken);
        return isLatest ? MirrorOutcome.Applied : MirrorOutcome.Superseded;
    }

    // A snapshot that came late may name a payer from whom the subscription has passed to another one since.
    private async Task<Customer> PayerOfAsync(Subscription subscription, Customer named, CancellationToken cancellationToken) =>
        subscription.CustomerId is { } payer && payer != named.PaddleId ? await payers.OpenAsync(payer, cancellationToken) : named;

    // A payment that came before its subscription may have said whose both are.
    private async Task ClaimByPaymentsAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        var claims = await db.Transactions.AsNoTracking()
            .Where(row => row.State.SubscriptionId == subscription.PaddleId && row.CheckoutId != null)
            .Select(row => new { row.CheckoutId, row.ClaimedAccountId })
            .ToListAsync(cancellationToken);
        foreach (var claim in claims)
        {
            subscription.Claim(claim.CheckoutId!.Value, claim.ClaimedAccountId!.Value);
        }
    }

    private async Task NoteAsync(string paddleId, SnapshotOrigin origin, SnapshotVersion version, CancellationToken cancellationToken)
    {
        if (await db.SubscriptionTimeline.AnyAsync(row => row.EventId == origin.EventId, cancellationToken))
        {
            return;
        }

        db.SubscriptionTimeline.Add(new SubscriptionTimelineEntry
        {
            EventId = origin.EventId,
            SubscriptionPaddleId = paddleId,
            EventType = origin.EventType,
            OccurredAt = version.OccurredAt,
            UpdatedAt = version.UpdatedAt,
            Status = (SubscriptionStatus)version.Rank,
            RecordedAt = timeProvider.GetUtcNow(),
        });
    }

    private void SayWhatIsUnknown(PaddleSubscription entity, SubscriptionState state, Plan? plan)
    {
        if (state.Status == SubscriptionStatus.Unknown)
        {
            metrics.UnknownStatus("subscription", entity.Status);
            LogUnknownStatus(logger, entity.Id, entity.Status);
        }

        if (plan is null)
        {
            LogUnknownPrices(logger, entity.Id, string.Join(", ", state.Items.Select(item => item.PriceId)));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Subscription {Subscription} has the status {Status}, which this version does not know; access stays as it was")]
    private static partial void LogUnknownStatus(ILogger logger, string subscription, string status);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Subscription {Subscription} has no price of a known plan ({Prices}); it grants nothing until a plan names one of them")]
    private static partial void LogUnknownPrices(ILogger logger, string subscription, string prices);
}
