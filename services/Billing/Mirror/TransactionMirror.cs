using BotGeneric.Billing.Checkouts;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Mirror;

/// <summary>
/// Takes over what the provider says of transactions: the one way for events, answers of the API and comparisons. Call within a database transaction, then save
/// and commit. What belongs to a subscription that is not known yet waits for it.
/// </summary>
/// <param name="db">Billing's database.</param>
/// <param name="locks">Keeps others from the same transaction.</param>
/// <param name="payers">Says whose it is.</param>
/// <param name="settlement">Works out what follows.</param>
/// <param name="checkouts">Follows our checkouts.</param>
/// <param name="metrics">Counts what this version does not know.</param>
/// <param name="logger">Says what this version does not know.</param>
public sealed partial class TransactionMirror(
    BillingDbContext db,
    MirrorLocks locks,
    Payers payers,
    Settlement settlement,
    CheckoutProgress checkouts,
    MirrorMetrics metrics,
    ILogger<TransactionMirror> logger)
{
    /// <summary>Takes over a snapshot. Safe to repeat and to do in any order.</summary>
    /// <param name="entity">What the provider says.</param>
    /// <param name="origin">Where it says so.</param>
    /// <param name="cancellationToken">Cancels; nothing must then be committed.</param>
    /// <returns>Whether it is what is known now.</returns>
    /// <exception cref="System.Text.Json.JsonException">An amount is no amount.</exception>
    public async Task<MirrorOutcome> ApplyAsync(PaddleTransaction entity, SnapshotOrigin origin, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entity);
        ArgumentNullException.ThrowIfNull(origin);
        await locks.TransactionAsync(entity.Id, cancellationToken);
        var customerId = entity.CustomerId ?? await db.Transactions
            .Where(row => row.PaddleId == entity.Id).Select(row => row.State.CustomerId).SingleOrDefaultAsync(cancellationToken);
        var customer = customerId is null ? null : await payers.OpenAsync(customerId, cancellationToken);

        var transaction = await db.Transactions.SingleOrDefaultAsync(row => row.PaddleId == entity.Id, cancellationToken);
        if (transaction is null)
        {
            transaction = Transaction.Track(entity.Id);
            db.Transactions.Add(transaction);
        }

        var state = entity.ToState(origin.OccurredAt);
        var isLatest = transaction.Apply(origin.VersionOf(entity.UpdatedAt, (int)state.Status), state, entity.PaidAt());
        transaction.NoteFailures(entity.Failures(origin.OccurredAt));
        if (isLatest && state.Status == TransactionStatus.Unknown)
        {
            metrics.UnknownStatus("transaction", entity.Status);
            LogUnknownStatus(logger, entity.Id, entity.Status);
        }

        var reference = checkouts.Read(entity.CustomData);
        if (reference is not null)
        {
            transaction.Claim(reference.CheckoutId, reference.AccountId);
        }

        await checkouts.FollowAsync(reference, entity.Id, OutcomeOf(transaction), cancellationToken);
        // Only who has paid: anybody can type somebody's address.
        if (customer is not null && OutcomeOf(transaction) == CheckoutStatus.Completed)
        {
            await payers.ClaimAsync(customer, reference, cancellationToken);
        }
        else if (customer is not null && reference is not null)
        {
            await payers.ForgetUnpaidAsync(customer, reference, cancellationToken);
        }

        await PlaceAsync(transaction, customer, cancellationToken);
        await settlement.SettleAsync(cancellationToken);
        return isLatest ? MirrorOutcome.Applied : MirrorOutcome.Superseded;
    }

    // Renewals carry the reference of the checkout that began it all.
    private static CheckoutStatus OutcomeOf(Transaction transaction) => transaction.State.Status switch
    {
        TransactionStatus.Paid or TransactionStatus.Completed => CheckoutStatus.Completed,
        TransactionStatus.Canceled => CheckoutStatus.Abandoned,
        _ => CheckoutStatus.Open,
    };

    private async Task PlaceAsync(Transaction transaction, Customer? customer, CancellationToken cancellationToken)
    {
        var account = transaction.ClaimedAccountId is { } claimed ? await payers.CurrentAsync(claimed, cancellationToken) : default(Guid?);
        if (transaction.State.SubscriptionId is not { } subscriptionId)
        {
            account ??= customer is null ? null : await payers.AccountOfAsync(customer, cancellationToken);
            if (account is { } known)
            {
                transaction.MoveTo(known);
                settlement.Watch(transaction);
            }

            return;
        }

        if (await db.Subscriptions.SingleOrDefaultAsync(row => row.PaddleId == subscriptionId, cancellationToken) is { } subscription)
        {
            settlement.Watch(subscription);
            if (transaction is { CheckoutId: { } checkoutId, ClaimedAccountId: { } claimedAccount })
            {
                subscription.Claim(checkoutId, claimedAccount);
            }

            // Whoever pays for it once need not be its payer.
            if (subscription.CustomerId is { } payer)
            {
                var its = payer == customer?.PaddleId ? customer : await payers.OpenAsync(payer, cancellationToken);
                await payers.AssignAsync(subscription, its, cancellationToken);
            }
        }
        else if (account is { } known)
        {
            transaction.MoveTo(known);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Transaction {Transaction} has the status {Status}, which this version does not know")]
    private static partial void LogUnknownStatus(ILogger logger, string transaction, string status);
}
