using BotGeneric.Contracts.Policy.V1;
using BotGeneric.Messaging;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Counting;
using BotGeneric.Policy.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Policy.Messaging;

/// <summary>Adds what an account has used to what another one has used, and gives that one its grants, credits, overrides and standings.</summary>
/// <param name="announcer">Says that both may do something else now.</param>
/// <param name="outbox">Has the kept account's live counters read anew.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class AccountMerger(PolicyAnnouncer announcer, IOutbox outbox, TimeProvider timeProvider) : IAccountMerger<PolicyDbContext>
{
    public async Task MergeAsync(Guid absorbed, Guid kept, PolicyDbContext db, CancellationToken cancellationToken)
    {
        await UsageMoves.MoveAccountAsync(absorbed, kept, db, cancellationToken);
        var accounts = await UsageMoves.MovePersonAsync(absorbed, kept, db, cancellationToken);
        await db.PlanGrants
            .Where(grant => grant.AccountId == absorbed)
            .ExecuteUpdateAsync(row => row.SetProperty(grant => grant.AccountId, kept), cancellationToken);
        await db.Refusals
            .Where(refusal => refusal.AccountId == absorbed)
            .ExecuteUpdateAsync(row => row.SetProperty(refusal => refusal.AccountId, kept), cancellationToken);
        await MoveRulesAsync(absorbed, kept, db, cancellationToken);
        foreach (var account in accounts.Append(kept).Distinct().Order())
        {
            await ReadAnewAsync(account, kept, db, cancellationToken);
        }

        announcer.Announce(db, absorbed, kept);
    }

    // Sums that were added to past the usual way are no sums to add to: nobody's set of counters is the empty one.
    private async Task ReadAnewAsync(Guid account, Guid person, PolicyDbContext db, CancellationToken cancellationToken)
    {
        var targets = await UsageMoves.AdvanceAsync(account, person, timeProvider.GetUtcNow(), db, cancellationToken);
        outbox.Add(db, new UsageCounted
        {
            EventId = Guid.CreateVersion7(timeProvider.GetUtcNow()),
            OccurredAt = timeProvider.GetUtcNow(),
            Accounts = [new CountedAccount(account, [], targets, [])],
        });
    }

    private static async Task MoveRulesAsync(Guid absorbed, Guid kept, PolicyDbContext db, CancellationToken cancellationToken)
    {
        await db.LimitOverrides.Where(row => row.AccountId == absorbed).ExecuteUpdateAsync(row => row.SetProperty(rule => rule.AccountId, kept), cancellationToken);
        await db.LimitOverrides.Where(row => row.UserId == absorbed)
            .ExecuteUpdateAsync(row => row.SetProperty(rule => rule.UserId, kept), cancellationToken);
        // Both may have a credit of the same source: both were given, both stay.
        await db.Grants
            .Where(row => row.AccountId == absorbed && db.Grants.Any(other => other.AccountId == kept && other.Source == row.Source))
            .ExecuteUpdateAsync(row => row.SetProperty(grant => grant.Source, (string?)null), cancellationToken);
        await db.Grants.Where(row => row.AccountId == absorbed).ExecuteUpdateAsync(row => row.SetProperty(grant => grant.AccountId, kept), cancellationToken);
        // A ban follows the person; the later end of two of a kind holds.
        await db.Database.ExecuteSqlAsync(
            $"""
            WITH moved AS (DELETE FROM account_states WHERE account_id = {absorbed} RETURNING *)
            INSERT INTO account_states AS state (account_id, standing, reason, until, set_by, set_at)
            SELECT {kept}, standing, reason, until, set_by, set_at FROM moved
            ON CONFLICT (account_id, standing) DO UPDATE SET until = CASE
                WHEN state.until IS NULL OR excluded.until IS NULL THEN NULL ELSE greatest(state.until, excluded.until) END
            """,
            cancellationToken);
    }
}
