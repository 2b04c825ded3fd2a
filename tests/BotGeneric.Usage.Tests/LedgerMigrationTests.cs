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

        // In words of SQL: the model knows columns that came later.
        Assert.Equal(10, await CountAsync(db, "SELECT count(*)::int AS \"Value\" FROM ledger WHERE batch_id > 0 AND requests = 1 AND type = 'llm.call.v1'"));
        Assert.Equal(55, await CountAsync(db, "SELECT sum(input_tokens)::int AS \"Value\" FROM ledger"));
        Assert.Equal(10, Assert.Single(await db.LedgerBatches.AsNoTracking().ToListAsync()).Entries);

        await migrator.MigrateAsync("MergedAccounts");

        Assert.Equal(10, await CountAsync(db, "SELECT count(*)::int AS \"Value\" FROM ledger"));
    }

    private static Task<int> CountAsync(UsageDbContext db, string sql) => db.Database.SqlQueryRaw<int>(sql).SingleAsync();
}
