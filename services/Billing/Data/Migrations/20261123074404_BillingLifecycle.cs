using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BotGeneric.Billing.Data.Migrations
{
    /// <inheritdoc />
    public partial class BillingLifecycle : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "is_inherited",
                table: "prices",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<long>(
                name: "announced_return",
                table: "adjustments",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            // PaddleMirror has taken every price out of sale that was there before it, because nobody knew what it costs. No operator has.
            migrationBuilder.Sql("""
                UPDATE prices SET is_inherited = true FROM plan_versions AS first
                    WHERE first.plan_code = prices.plan_code AND first.created_by = 'migration' AND first.created_at = prices.created_at
                        AND prices.archived_at = prices.created_at AND prices.paddle_id IS NOT NULL AND prices.terms #>> '{unitPrice,minor}' = '0';
                """);

            // A payer whom a version before PaddleMirror knew keeps the account that was noted then, as if an admin had linked it. Accounts that are made up for
            // payers are of version 8 since; those that were made up before bear the moment of the payer's row in their first 48 bits.
            migrationBuilder.Sql("""
                UPDATE customers SET is_linked = true
                    WHERE NOT is_linked AND checkout_id IS NULL AND account_id IS NOT NULL AND substr(account_id::text, 15, 1) <> '8'
                        AND ('x' || replace(left(account_id::text, 13), '-', ''))::bit(48)::bigint <> floor(extract(epoch FROM created_at) * 1000);
                """);

            // What those versions knew of a subscription lacks most of it. So nothing that they have written may look newer than what a comparison reads; and the
            // payer stands in the events, if they were not emptied.
            migrationBuilder.Sql("""
                UPDATE subscriptions SET last_updated_at = '-infinity' WHERE source = 'Paddle' AND last_event_id = '';
                UPDATE subscriptions SET customer_id = said.customer_id
                    FROM (
                        SELECT DISTINCT ON (1) substring(body FROM '"(sub_[^"\\]+)"') AS paddle_id, substring(body FROM '"customer_id"\s*:\s*"(ctm_[^"\\]+)"') AS customer_id
                        FROM paddle_inbox
                        WHERE event_type LIKE 'subscription.%' AND body LIKE '%"customer_id"%'
                        ORDER BY 1, occurred_at DESC) AS said
                    WHERE subscriptions.paddle_id = said.paddle_id AND subscriptions.customer_id IS NULL;
                UPDATE subscriptions SET is_linked = true
                    FROM customers
                    WHERE customers.paddle_id = subscriptions.customer_id AND customers.is_linked AND customers.checkout_id IS NULL
                        AND customers.account_id = subscriptions.account_id AND subscriptions.last_event_id = '' AND NOT subscriptions.is_linked;
                """);

            // That money has come back was told of the reverse; from now on it is told of what was reversed.
            migrationBuilder.Sql("""
                UPDATE adjustments SET announced_return = told.part
                    FROM (
                        SELECT taken.paddle_id,
                            greatest(0, least(abs(taken.total), back.total + abs(taken.total) - sum(abs(taken.total)) OVER (
                                PARTITION BY taken.transaction_id, taken.action ORDER BY taken.created_at, taken.paddle_id)))::bigint AS part
                        FROM adjustments AS taken
                        JOIN (
                            SELECT transaction_id, left(action, -length('_reverse')) AS action, sum(abs(total)) AS total
                            FROM adjustments
                            WHERE is_announced AND right(action, length('_reverse')) = '_reverse'
                            GROUP BY 1, 2) AS back ON back.transaction_id = taken.transaction_id AND back.action = taken.action) AS told
                    WHERE told.paddle_id = adjustments.paddle_id;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "is_inherited",
                table: "prices");

            migrationBuilder.DropColumn(
                name: "announced_return",
                table: "adjustments");
        }
    }
}
