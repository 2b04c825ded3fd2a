using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace BotGeneric.Identity.Tests;

public sealed class AuditChainTests(IdentityApplication identity) : IClassFixture<IdentityApplication>
{
    [Fact]
    public async Task Entries_written_at_the_same_time_make_one_chain_without_gaps()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AddAsync(3)));

        var chain = await identity.WithDatabaseAsync(db => db.AuditEntries.AsNoTracking().OrderBy(entry => entry.Sequence).ToListAsync());

        Assert.True(chain.Count >= 24);
        Assert.Equal(Enumerable.Range(1, chain.Count).Select(number => (long)number), chain.Select(entry => entry.Sequence));
        Assert.Equal(new byte[32], chain[0].PreviousHash);
        Assert.All(chain.Zip(chain.Skip(1)), pair => Assert.Equal(pair.First.Hash, pair.Second.PreviousHash));
        Assert.Equal(chain.Count, chain.DistinctBy(entry => Convert.ToHexString(entry.Hash)).Count());
    }

    [Theory]
    [InlineData("UPDATE audit_entries SET action = 'forged'")]
    [InlineData("UPDATE audit_entries SET ip_address = '203.0.113.9'")]
    [InlineData("DELETE FROM audit_entries")]
    [InlineData("TRUNCATE audit_entries")]
    public async Task Entries_cannot_be_changed_or_deleted(string sql)
    {
        await AddAsync(1);

        var refused = await Assert.ThrowsAsync<PostgresException>(
            () => identity.WithDatabaseAsync(db => db.Database.ExecuteSqlRawAsync(sql)));

        Assert.Contains("append-only", refused.MessageText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_can_be_forgotten_and_the_hash_still_holds()
    {
        await AddAsync(1);

        await identity.WithDatabaseAsync(db => db.Database.ExecuteSqlRawAsync("UPDATE audit_entries SET ip_address = NULL, user_agent = NULL"));

        var broken = await identity.WithDatabaseAsync(db => db.Database
            .SqlQueryRaw<int>("SELECT count(*)::int AS \"Value\" FROM audit_entries a WHERE hash <> audit_entry_digest(a)").SingleAsync());
        Assert.Equal(0, broken);
    }

    private Task<int> AddAsync(int count) => identity.WithDatabaseAsync(db =>
    {
        db.AuditEntries.AddRange(Enumerable.Range(0, count).Select(_ => new AuditEntry
        {
            At = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            Action = "test.done",
            Outcome = "success",
            Details = """{"a": "b"}""",
            IpAddress = "192.0.2.1",
        }));
        return db.SaveChangesAsync();
    });
}
