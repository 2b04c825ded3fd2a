using System.Text.Json;
using BotGeneric.Billing.Api;
using BotGeneric.Billing.Auditing;
using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Mirror;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace BotGeneric.Billing.Payments;

/// <summary>
/// Gives money back through Paddle. What can still be given back is asked there, not worked out here; the wish is written down before Paddle hears of it, so that
/// it is known who wanted it whatever happens in between.
/// </summary>
/// <param name="db">Billing's database.</param>
/// <param name="dataSource">For the lock of a transaction.</param>
/// <param name="paddle">Paddle.</param>
/// <param name="settling">Finds out what became of a call without an answer.</param>
/// <param name="answers">Takes over what Paddle answers.</param>
/// <param name="currencies">Knows how many decimals amounts have.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class Refunds(
    BillingDbContext db,
    NpgsqlDataSource dataSource,
    IPaddleClient paddle,
    PaddleSettling settling,
    AnswerMirror answers,
    Currencies currencies,
    TimeProvider timeProvider)
{
    /// <summary>Asks Paddle for a refund.</summary>
    /// <param name="transactionId"><c>txn_…</c></param>
    /// <param name="request">How much, and why.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellationToken">Cancels before Paddle is asked; afterwards the work is brought to its end.</param>
    internal async Task<RefundResult> RefundAsync(string transactionId, RefundRequest request, string actor, CancellationToken cancellationToken)
    {
        // Two refunds of one payment at once would both find the whole of it left.
        await using var taken = await AdvisoryLock.TryTakeRefundAsync(dataSource, transactionId, cancellationToken);
        if (taken is null)
        {
            return new RefundResult.Conflict("Another refund of this payment is being made. Look at it again.");
        }

        if (await db.Transactions.AsNoTracking().SingleOrDefaultAsync(row => row.PaddleId == transactionId, cancellationToken) is not { } payment)
        {
            return new RefundResult.NotFound();
        }

        if (payment.State.Status != TransactionStatus.Completed)
        {
            return new RefundResult.Conflict($"Only what is completed can be given back; this payment is '{payment.State.RawStatus}'.");
        }

        if (request.CancelSubscription && payment.State.SubscriptionId is null)
        {
            return new RefundResult.Conflict("This payment is for no subscription that could be canceled.");
        }

        var read = await paddle.GetTransactionAsync(transactionId, cancellationToken);
        if (!read.IsDone)
        {
            return new RefundResult.Failed(read.Failure);
        }

        List<PaddleAdjustment> before;
        try
        {
            before = await ListAsync(transactionId, cancellationToken);
        }
        catch (PaddleException exception)
        {
            return new RefundResult.Failed(exception.Failure);
        }

        var plan = RefundPlan.Make(read.Value, before, request, currencies.Table);
        if (plan.Problem is { } problem)
        {
            return new RefundResult.Impossible(problem);
        }

        db.Audit(
            timeProvider.GetUtcNow(), actor, BillingActions.RefundRequested, transactionId, payment.AccountId, request.Reason,
            new { request.Type, request.Amount, request.Items, request.CancelSubscription });
        await db.SaveChangesAsync(cancellationToken);
        return await AskAsync(payment, plan, before, request, actor);
    }

    // From here on nobody can call it off: a refund that was asked for is either known or said to be unknown.
    private async Task<RefundResult> AskAsync(Transaction payment, RefundPlan plan, List<PaddleAdjustment> before, RefundRequest request, string actor)
    {
        var result = await paddle.RefundAsync(
            new PaddleRefund { TransactionId = payment.PaddleId, Reason = request.Reason, Items = plan.Items }, CancellationToken.None);
        if (result.Outcome == PaddleOutcome.Unknown)
        {
            var known = before.Select(adjustment => adjustment.Id).ToHashSet(StringComparer.Ordinal);
            result = await settling.FindAsync(
                () => paddle.ListAdjustmentsAsync(new PaddleAdjustmentFilter(TransactionIds: [payment.PaddleId])),
                adjustment => adjustment.Action == PaddleAdjustmentActions.Refund && !known.Contains(adjustment.Id),
                CancellationToken.None);
        }

        db.ChangeTracker.Clear();
        if (!result.IsDone)
        {
            await answers.NoteAsync(BillingAudit.Entry(
                timeProvider.GetUtcNow(), actor, BillingActions.RefundFailed, payment.PaddleId, payment.AccountId, request.Reason,
                new { Outcome = result.Outcome.ToString(), result.Failure.Error?.Code, result.Failure.Error?.RequestId }));
            return new RefundResult.Failed(result.Failure);
        }

        // From here on the refund is made: whatever becomes of it here, nobody is told to make it again.
        var refund = result.Value;
        var isKept = await answers.TryTakeOverAsync(refund, BillingAudit.Entry(
            timeProvider.GetUtcNow(), actor, BillingActions.Refunded, payment.PaddleId, payment.AccountId, request.Reason,
            new { AdjustmentId = refund.Id, refund.Status, refund.Totals?.Total, refund.CurrencyCode }));
        var cancellation = request.CancelSubscription ? await CancelAsync(payment.State.SubscriptionId!) : null;
        var kept = isKept
            ? await db.Adjustments.AsNoTracking().SingleAsync(row => row.PaddleId == refund.Id, CancellationToken.None)
            : Describe(refund, payment);
        return kept is null
            ? new RefundResult.Failed(new PaddleFailure(PaddleOutcome.Unknown))
            : new RefundResult.Done(AdminAdjustment.From(kept, currencies.Table), cancellation);
    }

    // As it will be here; null when Paddle's words cannot be understood.
    private Adjustment? Describe(PaddleAdjustment refund, Transaction payment)
    {
        try
        {
            var origin = SnapshotOrigin.Api(refund.UpdatedAt, timeProvider);
            var described = Adjustment.Track(refund.Id);
            var state = refund.ToState(origin.OccurredAt);
            described.Apply(origin.VersionOf(refund.UpdatedAt, (int)state.Status), state);
            if (payment.AccountId is { } account)
            {
                described.MoveTo(account);
            }

            return described;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task<PaddleFailure?> CancelAsync(string subscriptionId)
    {
        var result = await paddle.CancelSubscriptionAsync(subscriptionId, PaddleEffectiveFrom.Immediately, CancellationToken.None);
        if (result.Outcome == PaddleOutcome.Unknown)
        {
            result = await settling.ReadUntilAsync(
                token => paddle.GetSubscriptionAsync(subscriptionId, token), read => read.Status == PaddleSubscriptionStatuses.Canceled, CancellationToken.None);
        }

        if (!result.IsDone)
        {
            return result.Failure;
        }

        await answers.TryTakeOverAsync(result.Value);
        return null;
    }

    private async Task<List<PaddleAdjustment>> ListAsync(string transactionId, CancellationToken cancellationToken)
    {
        var listed = new List<PaddleAdjustment>();
        await foreach (var adjustment in paddle.ListAdjustmentsAsync(new PaddleAdjustmentFilter(TransactionIds: [transactionId]), cancellationToken))
        {
            listed.Add(adjustment);
        }

        return listed;
    }
}

/// <summary>What became of a refund.</summary>
internal abstract record RefundResult
{
    private RefundResult()
    {
    }

    /// <summary>Paddle has taken it. Nothing is given back before it is approved.</summary>
    /// <param name="Adjustment">The refund.</param>
    /// <param name="Cancellation">Why the subscription could not be canceled, if it was to be.</param>
    internal sealed record Done(AdminAdjustment Adjustment, PaddleFailure? Cancellation) : RefundResult;

    /// <summary>There is no such payment.</summary>
    internal sealed record NotFound : RefundResult;

    /// <summary>The payment is not in a state for it.</summary>
    internal sealed record Conflict(string Detail) : RefundResult;

    /// <summary>The amount cannot be given back.</summary>
    internal sealed record Impossible(string Detail) : RefundResult;

    /// <summary>Paddle has refused, or cannot be reached, or nobody knows.</summary>
    internal sealed record Failed(PaddleFailure Failure) : RefundResult;
}
