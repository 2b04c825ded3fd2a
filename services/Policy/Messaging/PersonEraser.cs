using BotGeneric.Messaging;
using BotGeneric.Policy.Counting;
using BotGeneric.Policy.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Policy.Messaging;

/// <summary>
/// Forgets what a person's own account may do and has used. What an organization has used stays with the organization, without the person who used it.
/// </summary>
/// <param name="counters">The live counters.</param>
internal sealed class PersonEraser(LiveCounters counters) : IPersonEraser<PolicyDbContext>
{
    public async Task EraseAsync(Guid userId, PolicyDbContext db, CancellationToken cancellationToken)
    {
        await db.UsageCounters.Where(counter => counter.AccountId == userId).ExecuteDeleteAsync(cancellationToken);
        await UsageMoves.MovePersonAsync(userId, Guid.Empty, db, cancellationToken);
        await db.CounterVersions.Where(version => version.AccountId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.CoveredWindows.Where(window => window.AccountId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.LimitNotices.Where(notice => notice.AccountId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.Refusals.Where(refusal => refusal.AccountId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.Refusals
            .Where(refusal => refusal.UserId == userId)
            .ExecuteUpdateAsync(row => row.SetProperty(refusal => refusal.UserId, (Guid?)null), cancellationToken);
        await db.PlanGrants.Where(grant => grant.AccountId == userId).ExecuteDeleteAsync(cancellationToken);
        await counters.ForgetAsync(userId);
    }
}
