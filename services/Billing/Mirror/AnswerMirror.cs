using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace BotGeneric.Billing.Mirror;

/// <summary>
/// Takes over what Paddle has answered to a call of ours, by the same way as what it delivers: so the new state shows at once, and the delivery that follows
/// changes nothing. Each is a unit of its own, tried again when a delivery of the same thing is applied at the same moment.
/// </summary>
/// <param name="scopes">A scope for each try.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class AnswerMirror(IServiceScopeFactory scopes, TimeProvider timeProvider)
{
    private const int MaximumTries = 5;

    /// <summary>Takes a subscription over.</summary>
    /// <param name="answer">What Paddle has answered.</param>
    /// <param name="audit">What is noted of it, if anything.</param>
    public Task TakeOverAsync(PaddleSubscription answer, BillingAuditEntry? audit = null)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var origin = SnapshotOrigin.Api(answer.UpdatedAt, timeProvider);
        return CommitAsync(async (services, db) =>
        {
            await services.GetRequiredService<SubscriptionMirror>().ApplyAsync(answer, origin, CancellationToken.None);
            if (audit is not null)
            {
                db.AuditEntries.Add(audit);
            }
        });
    }

    /// <summary>Takes a transaction over.</summary>
    /// <param name="answer">What Paddle has answered.</param>
    /// <param name="beside">What is changed with it.</param>
    public Task TakeOverAsync(PaddleTransaction answer, Func<BillingDbContext, Task>? beside = null)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var origin = SnapshotOrigin.Api(answer.UpdatedAt, timeProvider);
        return CommitAsync(async (services, db) =>
        {
            // First what is ours: what the mirror decides about a checkout comes from a payment, and counts.
            if (beside is not null)
            {
                await beside(db);
            }

            await services.GetRequiredService<TransactionMirror>().ApplyAsync(answer, origin, CancellationToken.None);
        });
    }

    // Without the caller's own cancellation: what Paddle has done is done, also when whoever asked for it has hung up.
    private async Task CommitAsync(Func<IServiceProvider, BillingDbContext, Task> change)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<BillingDbContext>();
            try
            {
                await using var transaction = await db.Database.BeginTransactionAsync();
                await change(scope.ServiceProvider, db);
                await db.SaveChangesAsync();
                await transaction.CommitAsync();
                return;
            }
            catch (DbUpdateException exception) when (attempt < MaximumTries && IsRace(exception))
            {
                // Somebody else has applied something of the same thing: look again at what there is now.
            }
        }
    }

    private static bool IsRace(DbUpdateException exception) =>
        exception is DbUpdateConcurrencyException || exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };
}
