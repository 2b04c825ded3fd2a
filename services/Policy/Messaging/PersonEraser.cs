using BotGeneric.Messaging;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Counting;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Policy.Messaging;

/// <summary>
/// Forgets what a person's own account may do and has used, and what was said of the person. What an organization has used stays with the organization,
/// without the person who used it. That the account is deleted is kept under its id, so that a token that still lives is refused.
/// </summary>
/// <param name="announcer">Says that nothing may be done any more.</param>
/// <param name="counters">The live counters.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class PersonEraser(PolicyAnnouncer announcer, LiveCounters counters, TimeProvider timeProvider) : IPersonEraser<PolicyDbContext>
{
    public async Task EraseAsync(Guid userId, PolicyDbContext db, CancellationToken cancellationToken)
    {
        await db.UsageCounters.Where(counter => counter.AccountId == userId).ExecuteDeleteAsync(cancellationToken);
        var accounts = await UsageMoves.MovePersonAsync(userId, Guid.Empty, db, cancellationToken);
        var target = $"u{userId:N}";
        await db.CounterVersions.Where(version => version.Target == target).ExecuteDeleteAsync(cancellationToken);
        await db.LimitNotices.Where(notice => notice.Target == target).ExecuteDeleteAsync(cancellationToken);
        await db.CounterVersions.Where(version => version.AccountId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.CoveredWindows.Where(window => window.AccountId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.LedgerDifferences.Where(row => row.AccountId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.LimitNotices.Where(notice => notice.AccountId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.Refusals.Where(refusal => refusal.AccountId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.Refusals
            .Where(refusal => refusal.UserId == userId)
            .ExecuteUpdateAsync(row => row.SetProperty(refusal => refusal.UserId, (Guid?)null), cancellationToken);
        await db.PlanGrants.Where(grant => grant.AccountId == userId).ExecuteDeleteAsync(cancellationToken);
        // What was said of the person's overrides in organizations names the person too, whatever account it was about.
        var overrides = await db.LimitOverrides.Where(row => row.AccountId == userId || row.UserId == userId).Select(row => row.Id.ToString()).ToListAsync(cancellationToken);
        await db.LimitOverrides.Where(row => row.AccountId == userId || row.UserId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.Grants.Where(row => row.AccountId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.PolicyAudit.Where(entry => (entry.AccountId == userId || overrides.Contains(entry.Target)) && (entry.Reason != null || entry.Details != null))
            .ExecuteUpdateAsync(row => row.SetProperty(entry => entry.Reason, (string?)null).SetProperty(entry => entry.Details, (string?)null), cancellationToken);
        await db.AccountStates.Where(row => row.AccountId == userId).ExecuteDeleteAsync(cancellationToken);
        db.AccountStates.Add(new AccountState
        {
            AccountId = userId,
            Standing = AccountStanding.Deleted,
            Reason = "The person was deleted.",
            SetBy = AccountState.System,
            SetAt = timeProvider.GetUtcNow(),
        });
        await counters.ForgetAsync(userId);
        foreach (var account in accounts)
        {
            await counters.ForgetPersonAsync(account, userId);
        }

        announcer.Announce(db, userId);
    }
}
