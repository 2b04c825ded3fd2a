using BotGeneric.Identity.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Tests;

public sealed class IndexTests(IdentityApplication identity) : IClassFixture<IdentityApplication>
{
    [Theory]
    [InlineData("EXPLAIN SELECT * FROM audit_entries WHERE impersonator_id = '00000000-0000-0000-0000-000000000001' ORDER BY sequence DESC", "ix_audit_entries_impersonator_id_sequence")]
    [InlineData("EXPLAIN SELECT * FROM invitations WHERE normalized_email = 'A@EXAMPLE.COM'", "ix_invitations_normalized_email")]
    public async Task What_is_asked_for_a_person_is_found_by_an_index(string sql, string index)
    {
        var plan = await identity.WithDatabaseAsync(async db =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            // A table of a few rows is read as a whole otherwise.
            await db.Database.ExecuteSqlRawAsync("SET LOCAL enable_seqscan = off");
            return await db.Database.SqlQueryRaw<string>(sql).ToListAsync();
        });

        Assert.Contains(plan, line => line.Contains(index, StringComparison.Ordinal));
    }
}
