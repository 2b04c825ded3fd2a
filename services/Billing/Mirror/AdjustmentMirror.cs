using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Mirror;

/// <summary>
/// Takes over what the provider says of refunds, credits and chargebacks: the one way for events, answers of the API and comparisons. Call within a database
/// transaction, then save and commit. One of a transaction that is not known yet waits for it.
/// </summary>
/// <param name="db">Billing's database.</param>
/// <param name="payers">Says whose it is.</param>
/// <param name="settlement">Works out what follows.</param>
/// <param name="metrics">Counts what somebody has to look at.</param>
/// <param name="logger">Says what this version does not know.</param>
public sealed partial class AdjustmentMirror(
    BillingDbContext db, Payers payers, Settlement settlement, MirrorMetrics metrics, ILogger<AdjustmentMirror> logger)
{
    /// <summary>Takes over a snapshot. Safe to repeat and to do in any order.</summary>
    /// <param name="entity">What the provider says.</param>
    /// <param name="origin">Where it says so.</param>
    /// <param name="cancellationToken">Cancels; nothing must then be committed.</param>
    /// <returns>Whether it is what is known now.</returns>
    /// <exception cref="System.Text.Json.JsonException">An amount is no amount.</exception>
    public async Task<MirrorOutcome> ApplyAsync(PaddleAdjustment entity, SnapshotOrigin origin, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entity);
        ArgumentNullException.ThrowIfNull(origin);
        var customer = await payers.OpenAsync(entity.CustomerId, cancellationToken);
        var adjustment = await db.Adjustments.SingleOrDefaultAsync(row => row.PaddleId == entity.Id, cancellationToken);
        if (adjustment is null)
        {
            adjustment = Adjustment.Track(entity.Id);
            db.Adjustments.Add(adjustment);
        }

        var state = entity.ToState(origin.OccurredAt);
        if (customer.IsErased)
        {
            state = state.WithoutReason();
        }

        var isLatest = adjustment.Apply(origin.VersionOf(entity.UpdatedAt, (int)state.Status), state);
        if (isLatest)
        {
            SayWhatItMeans(entity, state);
        }

        await WatchAsync(adjustment.State, cancellationToken);
        await settlement.SettleAsync(cancellationToken);
        return isLatest ? MirrorOutcome.Applied : MirrorOutcome.Superseded;
    }

    private async Task WatchAsync(AdjustmentState state, CancellationToken cancellationToken)
    {
        var transaction = await db.Transactions.SingleOrDefaultAsync(row => row.PaddleId == state.TransactionId, cancellationToken);
        if ((state.SubscriptionId ?? transaction?.State.SubscriptionId) is { } subscriptionId)
        {
            if (await db.Subscriptions.SingleOrDefaultAsync(row => row.PaddleId == subscriptionId, cancellationToken) is { } subscription)
            {
                settlement.Watch(subscription);
            }
        }
        else if (transaction is not null)
        {
            settlement.Watch(transaction);
        }
    }

    private void SayWhatItMeans(PaddleAdjustment entity, AdjustmentState state)
    {
        if (state.Status == AdjustmentStatus.Unknown)
        {
            metrics.UnknownStatus("adjustment", entity.Status);
            LogUnknownStatus(logger, entity.Id, entity.Status);
        }

        if (entity.Action == PaddleAdjustmentActions.ChargebackWarning)
        {
            metrics.ChargebackAnnounced();
            LogWarning(logger, entity.TransactionId);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Adjustment {Adjustment} has the status {Status}, which this version does not know")]
    private static partial void LogUnknownStatus(ILogger logger, string adjustment, string status);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A chargeback of transaction {Transaction} is announced; nothing is revoked yet")]
    private static partial void LogWarning(ILogger logger, string transaction);
}
