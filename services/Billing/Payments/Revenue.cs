using System.Globalization;
using BotGeneric.Billing.Api;
using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Payments;

/// <summary>Adds up what was paid and given back, by month and currency.</summary>
/// <param name="db">Billing's database.</param>
/// <param name="currencies">Knows how many decimals amounts have.</param>
public sealed class Revenue(BillingDbContext db, Currencies currencies)
{
    /// <summary>Adds up.</summary>
    /// <param name="from">The first month's first day, UTC.</param>
    /// <param name="to">The first day that no longer counts, UTC.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    internal async Task<RevenueReport> ReadAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        // Only the tax within what is paid counts: of what credit pays for, the tax was counted with the payment that the credit is from. A change of the way to pay is no revenue. A credit is none given back either: it lowers what is paid later, which is counted as it is paid. A reversed
        // chargeback has status 'Reversed' or a reverse of its own beside it, or both, and either takes it out once: as AdjustmentReturns has it.
        var rows = await db.Database.SqlQuery<Row>(
            $"""
            WITH paid AS (
                SELECT date_trunc('month', completed_at AT TIME ZONE 'UTC')::date AS month, currency,
                    count(*) AS payments, sum(grand_total) AS gross, sum(grand_total_tax) AS tax, 0::numeric AS refunds, 0::numeric AS refunded_tax
                FROM transactions
                WHERE status = 'Completed' AND completed_at >= {from} AND completed_at < {to}
                    AND origin <> 'subscription_payment_method_change' AND grand_total > 0
                GROUP BY 1, 2),
            reverses AS (
                SELECT transaction_id, created_at, currency, abs(total) AS total, abs(tax) AS tax,
                    row_number() OVER (PARTITION BY transaction_id, abs(total) ORDER BY created_at, paddle_id) AS number
                FROM adjustments
                WHERE status = 'Approved' AND action = 'chargeback_reverse'),
            moved AS (
                SELECT created_at, currency, abs(total) AS total, abs(tax) AS tax
                FROM adjustments
                WHERE status = 'Approved' AND action IN ('refund', 'chargeback')
                UNION ALL
                SELECT created_at, currency, -total, -tax
                FROM reverses
                WHERE EXISTS (
                        SELECT 1 FROM adjustments taken
                        WHERE taken.transaction_id = reverses.transaction_id AND taken.action = 'chargeback' AND taken.status = 'Approved')
                    AND number > (
                        SELECT count(*) FROM adjustments gone
                        WHERE gone.transaction_id = reverses.transaction_id AND gone.action = 'chargeback' AND gone.status = 'Reversed'
                            AND abs(gone.total) = reverses.total)),
            back AS (
                SELECT date_trunc('month', created_at AT TIME ZONE 'UTC')::date AS month, currency,
                    0::bigint AS payments, 0::numeric AS gross, 0::numeric AS tax, sum(total) AS refunds, sum(tax) AS refunded_tax
                FROM moved
                WHERE created_at >= {from} AND created_at < {to}
                GROUP BY 1, 2)
            SELECT month, currency, sum(payments)::int AS payments, sum(gross)::bigint AS gross, sum(tax)::bigint AS tax,
                sum(refunds)::bigint AS refunds, sum(refunded_tax)::bigint AS refunded_tax
            FROM (SELECT * FROM paid UNION ALL SELECT * FROM back) AS everything
            GROUP BY month, currency
            ORDER BY month DESC, currency
            """).ToListAsync(cancellationToken);
        return new RevenueReport([.. rows.Select(Describe)]);
    }

    private MonthlyRevenue Describe(Row row) => new(
        row.Month,
        row.Currency,
        row.Payments,
        Text(row.Gross, row.Currency),
        Text(row.Tax, row.Currency),
        Text(row.Refunds, row.Currency),
        Text(row.RefundedTax, row.Currency),
        Text(row.Gross - row.Tax - (row.Refunds - row.RefundedTax), row.Currency));

    private string Text(long minor, string currency) => new Money(minor, currency).ToDecimal(currencies.Table).ToString(CultureInfo.InvariantCulture);

    private sealed record Row(DateOnly Month, string Currency, int Payments, long Gross, long Tax, long Refunds, long RefundedTax);
}
