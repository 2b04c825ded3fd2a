using BotGeneric.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Administration;

/// <summary>Whether the audit log is as it was written.</summary>
/// <param name="IsIntact">Whether every entry is there, unchanged, and follows the one before.</param>
/// <param name="Entries">How many entries were found good, from the first on.</param>
/// <param name="BrokenAt">The number of the first entry that is not; null when all are.</param>
/// <param name="Fault">
/// What is wrong there: <c>missing</c> (entries before it are gone), <c>altered</c> (its content is not what was hashed), <c>unchained</c> (it does not
/// follow the entry before). Null when nothing is.
/// </param>
/// <param name="LastHash">
/// The hash of the last good entry, hexadecimal. Kept elsewhere and compared later it shows what no look at the log alone can: that entries were cut
/// off at the end, or that all of it was written anew.
/// </param>
public sealed record AuditVerification(bool IsIntact, long Entries, long? BrokenAt, string? Fault, string? LastHash);

/// <summary>Walks the chain of the audit log from its first entry.</summary>
public sealed class AuditVerifier(IdentityDbContext db)
{
    private const int BatchSize = 5000;

    /// <summary>Walks until the end or the first break. Reads the whole log, a batch at a time.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<AuditVerification> VerifyAsync(CancellationToken cancellationToken)
    {
        var (sequence, hash) = (0L, new byte[32]);
        while (true)
        {
            var batch = await db.Database.SqlQuery<Link>(
                $"""
                SELECT sequence AS "Sequence", previous_hash AS "PreviousHash", hash AS "Hash", hash = audit_entry_digest(entry) AS "IsUnaltered"
                FROM audit_entries entry WHERE sequence > {sequence} ORDER BY sequence LIMIT {BatchSize}
                """).ToListAsync(cancellationToken);
            foreach (var link in batch)
            {
                if (FaultOf(link, sequence, hash) is { } fault)
                {
                    return new AuditVerification(false, sequence, link.Sequence, fault, sequence == 0 ? null : Convert.ToHexStringLower(hash));
                }

                (sequence, hash) = (link.Sequence, link.Hash);
            }

            if (batch.Count < BatchSize)
            {
                return new AuditVerification(true, sequence, null, null, sequence == 0 ? null : Convert.ToHexStringLower(hash));
            }
        }
    }

    private static string? FaultOf(Link link, long before, byte[] hash) => link switch
    {
        _ when link.Sequence != before + 1 => "missing",
        { IsUnaltered: false } => "altered",
        _ => link.PreviousHash.AsSpan().SequenceEqual(hash) ? null : "unchained",
    };

    private sealed record Link(long Sequence, byte[] PreviousHash, byte[] Hash, bool IsUnaltered);
}
