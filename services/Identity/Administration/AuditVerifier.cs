using System.Runtime.CompilerServices;
using Npgsql;

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
public sealed class AuditVerifier(NpgsqlDataSource dataSource)
{
    private const int BatchSize = 5000;

    /// <summary>Walks until the end or the first break. Reads the whole log, a batch at a time.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<AuditVerification> VerifyAsync(CancellationToken cancellationToken)
    {
        var (sequence, hash) = (0L, new byte[32]);
        while (true)
        {
            var count = 0;
            await foreach (var link in ReadAsync(sequence, cancellationToken))
            {
                if (FaultOf(link, sequence, hash) is { } fault)
                {
                    return new AuditVerification(false, sequence, link.Sequence, fault, sequence == 0 ? null : Convert.ToHexStringLower(hash));
                }

                (sequence, hash) = (link.Sequence, link.Hash);
                count++;
            }

            if (count < BatchSize)
            {
                return new AuditVerification(true, sequence, null, null, sequence == 0 ? null : Convert.ToHexStringLower(hash));
            }
        }
    }

    private async IAsyncEnumerable<Link> ReadAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            "SELECT sequence, previous_hash, hash, hash = audit_entry_digest(a) FROM audit_entries a WHERE sequence > $1 ORDER BY sequence LIMIT $2");
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = BatchSize });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return new Link(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1), reader.GetFieldValue<byte[]>(2), reader.GetBoolean(3));
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
