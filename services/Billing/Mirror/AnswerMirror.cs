using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Mirror;

/// <summary>
/// Takes over what Paddle has answered to a call of ours, by the same way as what it delivers: so the new state shows at once, and the delivery that follows
/// changes nothing. Each is a unit of its own, tried again when it meets another change or the database was away; Paddle is not asked again.
/// </summary>
/// <param name="scopes">A scope for each try.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Gets what could not be taken over.</param>
public sealed partial class AnswerMirror(IServiceScopeFactory scopes, TimeProvider timeProvider, ILogger<AnswerMirror> logger)
{
    /// <summary>Takes a subscription over.</summary>
    /// <param name="answer">What Paddle has answered.</param>
    /// <param name="audit">What is noted of it, if anything.</param>
    public Task TakeOverAsync(PaddleSubscription answer, BillingAuditEntry? audit = null)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return CommitAsync(Applying(answer), Noting(audit));
    }

    /// <summary>Takes a transaction over.</summary>
    /// <param name="answer">What Paddle has answered.</param>
    /// <param name="beside">What is changed with it. Safe to repeat.</param>
    public Task TakeOverAsync(PaddleTransaction answer, Func<BillingDbContext, Task>? beside = null)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return CommitAsync(Applying(answer), beside);
    }

    /// <summary>
    /// As <see cref="TakeOverAsync(PaddleSubscription, BillingAuditEntry?)"/>, after a change that cannot be taken back: what cannot be taken over now is left to the
    /// delivery that follows, and is noted all the same.
    /// </summary>
    /// <param name="answer">What Paddle has answered.</param>
    /// <param name="audit">What is noted of it, if anything.</param>
    /// <returns>Whether it was taken over.</returns>
    public async Task<bool> TryTakeOverAsync(PaddleSubscription answer, BillingAuditEntry? audit = null)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return await TryCommitAsync(answer.Id, Applying(answer), Noting(audit)) || await NotedAsync(audit);
    }

    /// <summary>As for a subscription, for a refund.</summary>
    /// <param name="answer">What Paddle has answered.</param>
    /// <param name="audit">What is noted of it.</param>
    /// <returns>Whether it was taken over.</returns>
    public async Task<bool> TryTakeOverAsync(PaddleAdjustment answer, BillingAuditEntry audit)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(audit);
        var origin = SnapshotOrigin.Api(answer.UpdatedAt, timeProvider);
        return await TryCommitAsync(
            answer.Id, services => services.GetRequiredService<AdjustmentMirror>().ApplyAsync(answer, origin, CancellationToken.None), Noting(audit))
            || await NotedAsync(audit);
    }

    /// <summary>As for a subscription, for a transaction.</summary>
    /// <param name="answer">What Paddle has answered.</param>
    /// <param name="beside">What is changed in any case. Safe to repeat.</param>
    /// <returns>Whether it was taken over.</returns>
    public async Task<bool> TryTakeOverAsync(PaddleTransaction answer, Func<BillingDbContext, Task>? beside = null)
    {
        ArgumentNullException.ThrowIfNull(answer);
        if (await TryCommitAsync(answer.Id, Applying(answer), beside))
        {
            return true;
        }

        if (beside is not null)
        {
            await CommitAsync(null, beside);
        }

        return false;
    }

    /// <summary>Notes who did what. What cannot be noted is logged instead: what it is about has happened.</summary>
    /// <param name="audit">The note.</param>
    public async Task NoteAsync(BillingAuditEntry audit)
    {
        ArgumentNullException.ThrowIfNull(audit);
        try
        {
            await CommitAsync(null, Noting(audit));
        }
        catch (Exception exception)
        {
            LogNotNoted(logger, exception, audit.Actor, audit.Action, audit.Target);
        }
    }

    private Func<IServiceProvider, Task> Applying(PaddleSubscription answer)
    {
        var origin = SnapshotOrigin.Api(answer.UpdatedAt, timeProvider);
        return services => services.GetRequiredService<SubscriptionMirror>().ApplyAsync(answer, origin, CancellationToken.None);
    }

    private Func<IServiceProvider, Task> Applying(PaddleTransaction answer)
    {
        var origin = SnapshotOrigin.Api(answer.UpdatedAt, timeProvider);
        return services => services.GetRequiredService<TransactionMirror>().ApplyAsync(answer, origin, CancellationToken.None);
    }

    // A commit whose answer is lost is done again: the note is there then.
    private static Func<BillingDbContext, Task>? Noting(BillingAuditEntry? audit) => audit is null ? null : async db =>
    {
        if (!await db.AuditEntries.AnyAsync(row => row.Id == audit.Id))
        {
            db.AuditEntries.Add(audit);
        }
    };

    private async Task<bool> NotedAsync(BillingAuditEntry? audit)
    {
        if (audit is not null)
        {
            await NoteAsync(audit);
        }

        return false;
    }

    private async Task<bool> TryCommitAsync(string paddleId, Func<IServiceProvider, Task> apply, Func<BillingDbContext, Task>? beside)
    {
        try
        {
            await CommitAsync(apply, beside);
            return true;
        }
        catch (Exception exception)
        {
            LogBehind(logger, exception, paddleId);
            return false;
        }
    }

    // Without the caller's own cancellation: what Paddle has done is done, also when whoever asked for it has hung up.
    private Task CommitAsync(Func<IServiceProvider, Task>? apply, Func<BillingDbContext, Task>? beside) => BillingConflicts.RetryAsync(
        async () =>
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<BillingDbContext>();
            await using var transaction = await db.Database.BeginTransactionAsync();

            // First what is ours: what the mirror decides about a checkout comes from a payment, and counts.
            if (beside is not null)
            {
                await beside(db);
            }

            if (apply is not null)
            {
                await apply(scope.ServiceProvider);
            }

            await db.SaveChangesAsync();
            await transaction.CommitAsync();
            return true;
        },
        timeProvider,
        CancellationToken.None);

    [LoggerMessage(Level = LogLevel.Error, Message = "What Paddle has answered about {PaddleId} is not taken over; its delivery or the next comparison brings it")]
    private static partial void LogBehind(ILogger logger, Exception exception, string paddleId);

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Actor} has done {Action} to {Target}, which could not be written down")]
    private static partial void LogNotNoted(ILogger logger, Exception exception, string actor, string action, string target);
}
