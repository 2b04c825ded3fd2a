using System.Runtime.CompilerServices;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Usage.Queries;

/// <summary>
/// Reads entries in the order of their time. Those of all accounts slice by slice: an index finds the entries of a slice, which are then sorted, so the first one comes at once however
/// many follow. A slice is as long as is worth a question.
/// </summary>
internal static class EntryWalk
{
    private const int Few = 1_000;
    private const int Many = 20_000;
    private static readonly TimeSpan First = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>The entries of a time.</summary>
    /// <param name="db">The database.</param>
    /// <param name="from">The first moment, UTC.</param>
    /// <param name="to">The first moment after, UTC.</param>
    /// <param name="account">Only this account's.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async IAsyncEnumerable<LedgerEntry> InOrder(
        UsageDbContext db, DateTimeOffset from, DateTimeOffset to, Guid? account, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var length = account is null ? First : to - from;
        for (var start = from; start < to;)
        {
            // Both are parameters of the statement.
            var (first, end) = (start, to - start > length ? start + length : to);
            var entries = db.Ledger.AsNoTracking().Where(entry => entry.Time >= first && entry.Time < end);
            entries = account is null ? entries : entries.Where(entry => entry.AccountId == account);
            var count = 0;
            await foreach (var entry in entries.OrderBy(entry => entry.Time).ThenBy(entry => entry.Id).AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                count++;
                yield return entry;
            }

            start = end;
            length = count switch
            {
                < Few when length < Longest => length * 2,
                > Many when length > Shortest => length / 2,
                _ => length,
            };
        }
    }
}
