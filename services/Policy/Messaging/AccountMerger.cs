using BotGeneric.Contracts.Policy.V1;
using BotGeneric.Messaging;
using BotGeneric.Policy.Counting;
using BotGeneric.Policy.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Policy.Messaging;

/// <summary>Adds what an account has used to what another one has used, and gives that one its grants.</summary>
/// <param name="outbox">Has the kept account's live counters read anew.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class AccountMerger(IOutbox outbox, TimeProvider timeProvider) : IAccountMerger<PolicyDbContext>
{
    public async Task MergeAsync(Guid absorbed, Guid kept, PolicyDbContext db, CancellationToken cancellationToken)
    {
        await UsageMoves.MoveAccountAsync(absorbed, kept, db, cancellationToken);
        await UsageMoves.MovePersonAsync(absorbed, kept, db, cancellationToken);
        await db.PlanGrants
            .Where(grant => grant.AccountId == absorbed)
            .ExecuteUpdateAsync(row => row.SetProperty(grant => grant.AccountId, kept), cancellationToken);
        await db.Refusals
            .Where(refusal => refusal.AccountId == absorbed)
            .ExecuteUpdateAsync(row => row.SetProperty(refusal => refusal.AccountId, kept), cancellationToken);
        await ReadAnewAsync(kept, db, cancellationToken);
    }

    // Sums that were added to past the usual way are no sums to add to: nobody's set of counters is the empty one.
    private async Task ReadAnewAsync(Guid kept, PolicyDbContext db, CancellationToken cancellationToken)
    {
        var targets = await UsageMoves.AdvanceAsync(kept, db, cancellationToken);
        outbox.Add(db, new UsageCounted
        {
            EventId = Guid.CreateVersion7(timeProvider.GetUtcNow()),
            OccurredAt = timeProvider.GetUtcNow(),
            Accounts = [new CountedAccount(kept, [], targets, [])],
        });
    }
}
