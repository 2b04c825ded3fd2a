using BotGeneric.Testing;
using BotGeneric.Usage.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace BotGeneric.Usage.Tests;

public sealed class LedgerMigrationTests
{
    [Fact]
    public async Task What_was_in_the_ledger_before_it_was_partitioned_stays_in_it_and_goes_back()
    {
        await using var database = await TestDatabase.CreateAsync("usage");
        await using var db = new UsageDbContext(new DbContextOptionsBuilder<UsageDbContext>()
            .UseNpgsql(database.ConnectionString).UseSnakeCaseNamingConvention().Options);
        var migrator = db.GetService<IMigrator>();
        await migrator.MigrateAsync("MergedAccounts");
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO ledger (id, account_id, source, source_id, time, recorded_at, feature, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens)
            SELECT gen_random_uuid(), gen_random_uuid(), 'tests', number::text, now(), now() - number * interval '20 days', 'chat', number, 0, 0, 0, 0
              FROM generate_series(1, 10) AS number
            """);

        await migrator.MigrateAsync("Ledger");

        Assert.Equal((10, 55L), await CountAsync(db));
        Assert.Equal(10, Assert.Single(await db.LedgerBatches.AsNoTracking().ToListAsync()).Entries);

        await migrator.MigrateAsync("MergedAccounts");

        Assert.Equal(10, await db.Database.SqlQuery<int>($"SELECT count(*)::int AS \"Value\" FROM ledger").SingleAsync());
    }

    private static async Task<(int Rows, long Tokens)> CountAsync(UsageDbContext db)
    {
        var rows = await db.Ledger.AsNoTracking().ToListAsync();
        return (rows.Count(row => row.BatchId > 0 && row.Requests == 1 && row.Type == "llm.call.v1"), rows.Sum(row => row.InputTokens));
    }
}
