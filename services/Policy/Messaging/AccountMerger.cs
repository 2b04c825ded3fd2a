using BotGeneric.Messaging;
using BotGeneric.Policy.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Policy.Messaging;

/// <summary>Adds what an account has used to what another one has used, and gives that one its grants.</summary>
internal sealed class AccountMerger : IAccountMerger<PolicyDbContext>
{
    public async Task MergeAsync(Guid absorbed, Guid kept, PolicyDbContext db, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync(
            $"""
            WITH moved AS (DELETE FROM usage_counters WHERE account_id = {absorbed} RETURNING *)
            INSERT INTO usage_counters AS counter (account_id, meter, day, used)
            SELECT {kept}, meter, day, used FROM moved ORDER BY meter COLLATE "C", day
            ON CONFLICT (account_id, meter, day) DO UPDATE SET used = counter.used + excluded.used
            """,
            cancellationToken);
        await db.PlanGrants
            .Where(grant => grant.AccountId == absorbed)
            .ExecuteUpdateAsync(row => row.SetProperty(grant => grant.AccountId, kept), cancellationToken);
    }
}
