using BotGeneric.Billing.Data;
using BotGeneric.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace BotGeneric.Billing.Tests.Upgrades;

public sealed class AnnouncedReturnMigrationTests
{
    [Fact]
    public async Task Money_that_was_told_to_have_come_back_is_not_told_again()
    {
        await using var database = await TestDatabase.CreateAsync("billing");
        await using var db = new BillingDbContext(
            new DbContextOptionsBuilder<BillingDbContext>().UseNpgsql(database.ConnectionString).UseSnakeCaseNamingConvention().Options);
        var migrator = db.GetService<IMigrator>();
        await migrator.MigrateAsync("BillingOperations");
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO adjustments (
                paddle_id, is_announced, last_event_at, last_updated_at, last_event_id, action, created_at, currency, customer_id, raw_status, status, subtotal, tax, total,
                transaction_id, type)
            SELECT id, told, now(), now(), 'evt_1', action, now() + number * interval '1 minute', 'USD', 'ctm_1', 'approved', 'Approved', 0, 0, total, payment, 'full'
            FROM (VALUES
                (1, 'adj_won', true, 'chargeback', 30, 'txn_1'), (2, 'adj_reverse', true, 'chargeback_reverse', 30, 'txn_1'),
                (3, 'adj_lost', true, 'chargeback', 30, 'txn_2'), (4, 'adj_refund', true, 'refund', 30, 'txn_1'),
                (5, 'adj_first', true, 'chargeback', 10, 'txn_3'), (6, 'adj_second', true, 'chargeback', 20, 'txn_3'), (7, 'adj_part', true, 'chargeback_reverse', 15, 'txn_3'),
                (8, 'adj_open', true, 'chargeback', 30, 'txn_4'), (9, 'adj_untold', false, 'chargeback_reverse', 30, 'txn_4'))
                AS rows (number, id, told, action, total, payment)
            """);

        await migrator.MigrateAsync();

        var told = await db.Adjustments.AsNoTracking().Where(row => row.AnnouncedReturn != 0).OrderBy(row => row.PaddleId).ToListAsync();
        Assert.Equal([("adj_first", 10L), ("adj_second", 5L), ("adj_won", 30L)], told.Select(row => (row.PaddleId, row.AnnouncedReturn)));
    }
}
