using BotGeneric.Messaging;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Rollups;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Usage.Messaging;

/// <summary>
/// Erases what the ledger has of a person: the entries of the person's own account, and who it was in those of organizations. What an organization used
/// and paid for stays, and leads to nobody.
/// </summary>
internal sealed class PersonEraser : IPersonEraser<UsageDbContext>
{
    public async Task EraseAsync(Guid userId, UsageDbContext db, CancellationToken cancellationToken)
    {
        await LedgerChange.AllowAsync(db, LedgerChange.Erasure, cancellationToken);
        await db.Database.ExecuteSqlAsync($"DELETE FROM ledger WHERE account_id = {userId}", cancellationToken);
        await db.Database.ExecuteSqlAsync($"UPDATE ledger SET user_id = NULL WHERE user_id = {userId} AND user_id <> account_id", cancellationToken);
        await LedgerChange.ForbidAsync(db, cancellationToken);
        await db.SettledHolds.Where(hold => hold.AccountId == userId).ExecuteDeleteAsync(cancellationToken);
        await RollupAccounts.EraseAsync(db, userId, cancellationToken);
    }
}
