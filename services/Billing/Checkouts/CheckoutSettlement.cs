using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Mirror;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Checkouts;

/// <summary>
/// Brings checkouts to what Paddle knows of them: those of which nobody knows whether Paddle has a transaction, because an answer was lost or the process that
/// waited for it was killed, and those that are given up.
/// </summary>
/// <param name="db">Billing's database.</param>
/// <param name="paddle">Paddle's API.</param>
/// <param name="answers">Takes over what Paddle answers.</param>
/// <param name="references">Knows our references.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class CheckoutSettlement(
    BillingDbContext db, IPaddleClient paddle, AnswerMirror answers, CheckoutReferences references, TimeProvider timeProvider)
{
    /// <summary>How long a transaction may be on its way to Paddle. What it has not got by then, it will not get.</summary>
    public static readonly TimeSpan OnItsWay = TimeSpan.FromMinutes(2);

    // Paddle's clock and ours.
    private static readonly TimeSpan ClockDifference = TimeSpan.FromMinutes(5);

    /// <summary>Looks for the transaction of a checkout at Paddle, once. What cannot be read and is not the checkout's is passed over.</summary>
    /// <param name="checkout">The checkout.</param>
    /// <param name="cancellationToken">Ends the looking.</param>
    /// <returns>The transaction; null when Paddle has none.</returns>
    /// <exception cref="PaddleException">Paddle cannot be asked, or has the transaction and it cannot be read.</exception>
    public async Task<PaddleTransaction?> FindAsync(Checkout checkout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checkout);
        var filter = new PaddleTransactionFilter(Origins: [PaddleOrigins.Api], CreatedAfter: checkout.CreatedAt - ClockDifference);
        await foreach (var (transaction, unreadable) in paddle.ListTransactionsAsync(filter, cancellationToken).EachAsync(cancellationToken))
        {
            if (transaction is not null && IsOf(checkout, transaction))
            {
                return transaction;
            }

            // There, and not to be read: it must not count as not there.
            if (unreadable is not null && references.Read(unreadable.CustomData)?.CheckoutId == checkout.Id)
            {
                throw PaddleException.Of([unreadable]);
            }
        }

        return null;
    }

    /// <summary>Whether a transaction is a checkout's.</summary>
    /// <param name="checkout">The checkout.</param>
    /// <param name="transaction">The transaction.</param>
    public bool IsOf(Checkout checkout, PaddleTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(checkout);
        ArgumentNullException.ThrowIfNull(transaction);
        return references.Read(transaction.CustomData)?.CheckoutId == checkout.Id;
    }

    /// <summary>Settles a checkout of which it is not known whether Paddle has a transaction for it.</summary>
    /// <param name="checkout">The checkout.</param>
    /// <param name="cancellationToken">Ends the looking.</param>
    /// <returns>Whether it is settled; false while the transaction may still be on its way.</returns>
    /// <exception cref="PaddleException">Paddle cannot be asked.</exception>
    public async Task<bool> SettleAsync(Checkout checkout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checkout);
        // Before it is looked for: what is found not to be there must have had its time.
        var hadItsTime = timeProvider.GetUtcNow() - checkout.CreatedAt > OnItsWay;
        if (await FindAsync(checkout, cancellationToken) is { } transaction)
        {
            await OpenAsync(checkout.Id, transaction);
            return true;
        }

        if (!hadItsTime)
        {
            return false;
        }

        await AbandonAsync(checkout.Id, CheckoutStatus.Creating);
        return true;
    }

    /// <summary>Notes the transaction of a checkout, also when what else there is in it cannot be taken over: it can be paid in any case.</summary>
    /// <param name="checkoutId">The checkout.</param>
    /// <param name="transaction">The transaction.</param>
    public Task OpenAsync(Guid checkoutId, PaddleTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return answers.TryTakeOverAsync(transaction, async inner =>
        {
            if (await inner.Checkouts.SingleOrDefaultAsync(row => row.Id == checkoutId) is { } checkout)
            {
                checkout.Open(transaction.Id, transaction.Checkout?.Url);
            }
        });
    }

    /// <summary>Gives a checkout up at Paddle, so that nobody pays it any more, and here.</summary>
    /// <param name="checkout">An open checkout.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Null when it is given up; the transaction when it is paid instead.</returns>
    /// <exception cref="PaddleException">Paddle did not say what became of it, or does not cancel it now.</exception>
    public async Task<PaddleTransaction?> GiveUpAsync(Checkout checkout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checkout);
        var transactionId = checkout.TransactionId ?? throw new ArgumentException("The checkout is not open.", nameof(checkout));
        var canceled = await paddle.UpdateTransactionAsync(
            transactionId, new PaddleTransactionChange { Status = PaddleTransactionStatuses.Canceled }, cancellationToken);
        var transaction = canceled;
        if (canceled.Outcome is PaddleOutcome.Refused or PaddleOutcome.Unknown)
        {
            transaction = await paddle.GetTransactionAsync(transactionId, cancellationToken);
        }

        if (transaction.Failure is { IsNotFound: false } failure)
        {
            throw new PaddleException(failure);
        }

        if (transaction.Value is { } known)
        {
            if (IsPaid(known))
            {
                await answers.TryTakeOverAsync(known);
                return known;
            }

            // What Paddle will never cancel can still be paid there; whoever does so has a second subscription, which is kept and shown to admins. That is
            // better than a buyer who can never buy anything else. What it only does not cancel now is tried again.
            if (canceled.Failure is { } refusal && !IsFinal(refusal) && known.Status != PaddleTransactionStatuses.Canceled)
            {
                throw new PaddleException(refusal);
            }

            // It is given up whether or not everything in it can be taken over.
            await answers.TryTakeOverAsync(known);
        }

        await AbandonAsync(checkout.Id, CheckoutStatus.Open);
        return null;
    }

    /// <summary>Whether somebody has paid, or has undertaken to.</summary>
    /// <param name="transaction">The transaction.</param>
    public static bool IsPaid(PaddleTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return transaction.Status is PaddleTransactionStatuses.Paid or PaddleTransactionStatuses.Completed
            or PaddleTransactionStatuses.Billed or PaddleTransactionStatuses.PastDue;
    }

    /// <summary>Gives a checkout up here, unless something else has become of it meanwhile.</summary>
    /// <param name="checkoutId">The checkout.</param>
    /// <param name="expected">How it stood when it was looked at.</param>
    public Task AbandonAsync(Guid checkoutId, CheckoutStatus expected) => db.Checkouts
        .Where(row => row.Id == checkoutId && row.Status == expected)
        .ExecuteUpdateAsync(row => row.SetProperty(checkout => checkout.Status, CheckoutStatus.Abandoned), CancellationToken.None);

    /// <summary>Whether Paddle will never cancel the transaction. Other refusals are about the moment, the key or the limits.</summary>
    /// <param name="failure">Why it was not canceled.</param>
    internal static bool IsFinal(PaddleFailure failure) =>
        failure.IsNotFound || failure.Is("transaction_immutable") || failure.Is("transaction_invalid_status_change");
}
