using System.Globalization;
using System.Text.Json;
using BotGeneric.Billing.Auditing;
using BotGeneric.Billing.Checkouts;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Mirror;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Subscriptions;

/// <summary>
/// Changes subscriptions as their subscribers wish. Paddle decides and its answer is taken over at once. An answer that is lost is looked for by reading the
/// subscription again; nothing is ever asked of Paddle twice.
/// </summary>
/// <param name="db">Billing's database.</param>
/// <param name="paddle">Paddle's API.</param>
/// <param name="settling">Finds out what became of a call.</param>
/// <param name="answers">Takes over what Paddle answers.</param>
/// <param name="options">How long somebody is kept waiting.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class SubscriptionDesk(
    BillingDbContext db, IPaddleClient paddle, PaddleSettling settling, AnswerMirror answers, IOptions<ShopOptions> options, TimeProvider timeProvider)
{
    /// <summary>
    /// A subscription of an account: the one that is meant, else its present one to a product, else the one that ended last, of which can be said that it is over.
    /// </summary>
    /// <param name="accountId">The account.</param>
    /// <param name="subscriptionId">Which; null: the present one.</param>
    /// <param name="product">To which product, when none is named.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>The subscription; null when the account has none, whoever else may have it.</returns>
    public async Task<Subscription?> FindAsync(Guid accountId, Guid? subscriptionId, string product, CancellationToken cancellationToken)
    {
        var mine = db.Subscriptions.AsNoTracking().Where(row => row.AccountId == accountId);
        if (subscriptionId is { } id)
        {
            return await mine.SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
        }

        var ofProduct = mine.Where(row => row.Product == product);
        return await ofProduct.Where(row => row.State.Status != SubscriptionStatus.Canceled)
                .OrderByDescending(row => row.IsPrimary).ThenBy(row => row.State.StartedAt).ThenBy(row => row.Id)
                .FirstOrDefaultAsync(cancellationToken)
            ?? await ofProduct.Where(row => row.State.Status == SubscriptionStatus.Canceled)
                .OrderByDescending(row => row.State.CanceledAt ?? row.LastEventAt).ThenByDescending(row => row.Id)
                .FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Cancels a subscription. Safe to repeat.</summary>
    /// <param name="subscription">Which.</param>
    /// <param name="isNow">Whether it ends now, for good; else at the end of what is paid for, and can be taken back until then.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<ChangeResult> CancelAsync(Subscription subscription, bool isNow, string actor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        var action = isNow ? SubscriptionAction.CancelNow : SubscriptionAction.CancelAtPeriodEnd;
        return !isNow && subscription.State.ScheduledChange?.Action == PaddleScheduledActions.Cancel
            ? Task.FromResult<ChangeResult>(new ChangeResult.Done(subscription))
            : CarryOutAsync(
                subscription,
                action,
                actor,
                id => paddle.CancelSubscriptionAsync(
                    id, isNow ? PaddleEffectiveFrom.Immediately : PaddleEffectiveFrom.NextBillingPeriod, CancellationToken.None),
                seen => seen.Status == PaddleSubscriptionStatuses.Canceled || (!isNow && seen.ScheduledChange?.Action == PaddleScheduledActions.Cancel),
                cancellationToken);
    }

    /// <summary>Takes back a cancellation or pause that is still to come.</summary>
    /// <param name="subscription">Which.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<ChangeResult> UndoAsync(Subscription subscription, string actor, CancellationToken cancellationToken) => CarryOutAsync(
        subscription,
        SubscriptionAction.Undo,
        actor,
        id => paddle.RemoveScheduledChangeAsync(id, CancellationToken.None),
        seen => seen.ScheduledChange is null,
        cancellationToken);

    /// <summary>Pauses a subscription from the end of the period on. Safe to repeat.</summary>
    /// <param name="subscription">Which.</param>
    /// <param name="resumeAt">When it goes on by itself; null: when the subscriber says so.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<ChangeResult> PauseAsync(Subscription subscription, DateTimeOffset? resumeAt, string actor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        return subscription.State.ScheduledChange is { Action: PaddleScheduledActions.Pause } ahead && ahead.ResumeAt == resumeAt
            ? Task.FromResult<ChangeResult>(new ChangeResult.Done(subscription))
            : CarryOutAsync(
                subscription,
                SubscriptionAction.Pause,
                actor,
                id => paddle.PauseSubscriptionAsync(
                    id, new PaddlePause { EffectiveFrom = PaddleEffectiveFrom.NextBillingPeriod, ResumeAt = resumeAt }, CancellationToken.None),
                seen => seen.Status == PaddleSubscriptionStatuses.Paused
                    || (seen.ScheduledChange is { Action: PaddleScheduledActions.Pause } scheduled && Same(scheduled.ResumeAt, resumeAt)),
                cancellationToken,
                new { resumeAt });
    }

    /// <summary>Takes a paused subscription up again, which is charged for a new period.</summary>
    /// <param name="subscription">Which.</param>
    /// <param name="at">When; null: now.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<ChangeResult> ResumeAsync(Subscription subscription, DateTimeOffset? at, string actor, CancellationToken cancellationToken) => CarryOutAsync(
        subscription,
        SubscriptionAction.Resume,
        actor,
        id => paddle.ResumeSubscriptionAsync(
            id,
            new PaddleResume { EffectiveFrom = at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? PaddleEffectiveFrom.Immediately },
            CancellationToken.None),
        seen => seen.Status == PaddleSubscriptionStatuses.Active || (at is not null && seen.ScheduledChange?.Action == PaddleScheduledActions.Resume),
        cancellationToken,
        new { at });

    /// <summary>Ends the trial and begins to pay.</summary>
    /// <param name="subscription">Which.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<ChangeResult> ActivateAsync(Subscription subscription, string actor, CancellationToken cancellationToken) => CarryOutAsync(
        subscription,
        SubscriptionAction.Activate,
        actor,
        id => paddle.ActivateSubscriptionAsync(id, CancellationToken.None),
        seen => seen.Status != PaddleSubscriptionStatuses.Trialing,
        cancellationToken);

    /// <summary>Asks Paddle for a change and takes over what it answers.</summary>
    /// <param name="subscription">Of which subscription.</param>
    /// <param name="action">What is done.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="call">Asks Paddle, once, whether or not anybody still waits.</param>
    /// <param name="shows">Whether a subscription shows that it was done.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <param name="details">What is noted of it, without personal data.</param>
    internal async Task<ChangeResult> CarryOutAsync(
        Subscription subscription,
        SubscriptionAction action,
        string actor,
        Func<string, Task<PaddleResult<PaddleSubscription>>> call,
        Func<PaddleSubscription, bool> shows,
        CancellationToken cancellationToken,
        object? details = null)
    {
        if (SubscriptionRules.Refuse(subscription, action) is { } reason)
        {
            return new ChangeResult.Refused(reason);
        }

        var id = subscription.PaddleId ?? throw new InvalidOperationException("What is not paid at Paddle cannot be changed there.");
        var result = await call(id);
        if (result.Outcome == PaddleOutcome.Unknown)
        {
            result = await SettleAsync(id, shows, result, cancellationToken);
        }

        if (result.IsDone)
        {
            // It is done, whatever becomes of it here: nobody is told to do it again.
            await answers.TryTakeOverAsync(result.Value, Audit(subscription, action, actor, details));
            return new ChangeResult.Done(await ReadAsync(subscription.Id));
        }

        // What Paddle refuses as impossible was thought to be possible here: something else is the case there.
        if (result.Failure is { Outcome: PaddleOutcome.Refused, Error.Status: not StatusCodes.Status429TooManyRequests }
            && await paddle.GetSubscriptionAsync(id, cancellationToken) is { IsDone: true, Value: { } present })
        {
            await answers.TryTakeOverAsync(present);
        }

        return new ChangeResult.Failed(result.Failure);
    }

    private async Task<PaddleResult<PaddleSubscription>> SettleAsync(
        string id, Func<PaddleSubscription, bool> shows, PaddleResult<PaddleSubscription> unknown, CancellationToken cancellationToken)
    {
        using var time = new CancellationTokenSource(options.Value.SettlingTime, timeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        try
        {
            var settled = await settling.ReadUntilAsync(token => paddle.GetSubscriptionAsync(id, token), shows, both.Token);
            return settled.IsDone ? settled : unknown;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return unknown;
        }
    }

    private BillingAuditEntry Audit(Subscription subscription, SubscriptionAction action, string actor, object? details) => BillingAudit.Entry(
        timeProvider.GetUtcNow(),
        actor,
        $"subscription.{JsonNamingPolicy.CamelCase.ConvertName(action.ToString())}",
        subscription.Id.ToString(),
        subscription.AccountId,
        details: details);

    private Task<Subscription> ReadAsync(Guid id) => db.Subscriptions.AsNoTracking().SingleAsync(row => row.Id == id, CancellationToken.None);

    // Paddle writes times with more digits than it was sent.
    private static bool Same(DateTimeOffset? left, DateTimeOffset? right) =>
        left is null || right is null ? left == right : (left.Value - right.Value).Duration() < TimeSpan.FromSeconds(1);
}
