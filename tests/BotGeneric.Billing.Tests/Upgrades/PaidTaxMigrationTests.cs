using BotGeneric.Billing.Data;
using BotGeneric.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace BotGeneric.Billing.Tests.Upgrades;

public sealed class PaidTaxMigrationTests
{
    private const string Said = """{ "data": { "details": { "totals": { "tax": "500", "grand_total_tax": "201" }, "payout_totals": { "grand_total_tax": "7" } } } }""";
    private const string Unescapable = """{ "data": { "custom_data": "\u0000", "details": { "totals": { "grand_total_tax": "201" } } } }""";

    [Fact]
    public async Task The_tax_within_what_was_paid_is_what_the_provider_said_or_as_much_of_it_as_was_paid_of_the_total()
    {
        await using var database = await TestDatabase.CreateAsync("billing");
        await using var db = new BillingDbContext(
            new DbContextOptionsBuilder<BillingDbContext>().UseNpgsql(database.ConnectionString).UseSnakeCaseNamingConvention().Options);
        var migrator = db.GetService<IMigrator>();
        await migrator.MigrateAsync("TrialsAndErasures");
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO paddle_inbox (event_id, event_type, occurred_at, received_at, body, status, attempts, next_attempt_at)
            SELECT id, 'transaction.completed', now(), now(), body, 'Applied', 1, now()
            FROM (VALUES ('evt_said', {Said}), ('evt_silent', '{"{}"}'), ('evt_unescapable', {Unescapable})) AS rows (id, body)
            """);
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO transactions (
                paddle_id, is_payment_announced, failures, last_event_at, last_updated_at, last_event_id, collection_mode, created_at, currency, items, origin, raw_status,
                status, balance, credit, credit_to_balance, discount, grand_total, subtotal, tax, total)
            SELECT id, true, '[]', now(), now(), event, 'automatic', now(), 'USD', '[]', 'subscription_recurring', 'completed', 'Completed', 0, total - paid, 0, 0, paid, total - tax, tax, total
            FROM (VALUES
                ('txn_said', 'evt_said', 500, 3000, 1200), ('txn_silent', 'evt_silent', 500, 3000, 1201), ('txn_read', 'reconciliation:1:txn_read', 500, 3000, 3000),
                ('txn_free', 'evt_silent', 500, 3000, 0), ('txn_zero', 'evt_silent', 0, 0, 0), ('txn_unescapable', 'evt_unescapable', 500, 3000, 1200))
                AS rows (id, event, tax, total, paid)
            """);
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO reconciliation_differences (id, run_id, entity, paddle_id, field, ours, theirs, is_healed, found_at)
            SELECT gen_random_uuid(), gen_random_uuid(), entity, 'adj_1', field, 'Anna', 'Bella', true, now()
            FROM (VALUES ('adjustment', 'reason'), ('adjustment', 'status')) AS rows (entity, field)
            """);

        await migrator.MigrateAsync();

        var taxes = await db.Transactions.AsNoTracking().OrderBy(row => row.PaddleId).Select(row => new { row.PaddleId, row.State.Totals.GrandTotalTax }).ToListAsync();
        Assert.Equal(
            [("txn_free", 0L), ("txn_read", 500L), ("txn_said", 201L), ("txn_silent", 200L), ("txn_unescapable", 200L), ("txn_zero", 0L)],
            taxes.Select(row => (row.PaddleId, row.GrandTotalTax)));
        var differences = await db.ReconciliationDifferences.AsNoTracking().OrderBy(row => row.Field).ToListAsync();
        Assert.Equal([("reason", null, null), ("status", "Anna", "Bella")], differences.Select(row => (row.Field, row.Ours, row.Theirs)));
    }
}
