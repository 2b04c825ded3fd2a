using BotGeneric.Messaging;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Rollups;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Usage.Messaging;

/// <summary>
/// Moves the entries of the ledger, and what the person did in the name of organizations. It stays append-only in every other respect: what was recorded,
/// when and how much does not change, only whose it is.
/// </summary>
internal sealed class AccountMerger : IAccountMerger<UsageDbContext>
{
    // A digest of the source, should the source be too long to stand whole beside the mark.
    private const int Whole = CloudEventLimits.MaximumSourceLength - 37;
    private const int Shortened = Whole - 32;

    public async Task MergeAsync(Guid absorbed, Guid kept, UsageDbContext db, CancellationToken cancellationToken)
    {
        await LedgerChange.AllowAsync(db, LedgerChange.Merge, cancellationToken);
        // One source used one id for both accounts: two calls, both counted and both paid for. The absorbed account's entry is marked by its account,
        // so that both stay; a repetition of either finds the kept account's entry and is a duplicate.
        await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE ledger AS entry
               SET source = CASE WHEN length(entry.source) <= {Whole} THEN entry.source ELSE left(entry.source, {Shortened}) || md5(entry.source) END || '#' || entry.account_id
             WHERE entry.account_id = {absorbed}
               AND EXISTS (SELECT 1 FROM ledger AS other
                            WHERE other.account_id = {kept} AND other.source = entry.source AND other.source_id = entry.source_id)
            """,
            cancellationToken);
        await db.Database.ExecuteSqlAsync($"UPDATE ledger SET account_id = {kept} WHERE account_id = {absorbed}", cancellationToken);
        // In their own rows the person is whoever the account is; of organizations' rows the index knows which are this person's.
        await db.Database.ExecuteSqlAsync($"UPDATE ledger SET user_id = {kept} WHERE account_id = {kept} AND user_id = {absorbed}", cancellationToken);
        await db.Database.ExecuteSqlAsync($"UPDATE ledger SET user_id = {kept} WHERE user_id = {absorbed} AND user_id <> account_id", cancellationToken);
        // One hold may have been settled in the name of both accounts: two calls that were counted stay two, and no third one comes.
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO settled_holds SELECT {kept}, hold_id, recorded_at FROM settled_holds WHERE account_id = {absorbed} ON CONFLICT DO NOTHING", cancellationToken);
        await db.SettledHolds.Where(hold => hold.AccountId == absorbed).ExecuteDeleteAsync(cancellationToken);
        await LedgerChange.ForbidAsync(db, cancellationToken);
        await RollupAccounts.MergeAsync(db, absorbed, kept, cancellationToken);
    }
}
