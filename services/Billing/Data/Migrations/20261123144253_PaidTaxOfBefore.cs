using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BotGeneric.Billing.Data.Migrations
{
    /// <inheritdoc />
    public partial class PaidTaxOfBefore : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // After the column, in a transaction of its own: this takes as long as there is to read, and locks no more than the rows that it changes.

            // As much of the tax as was paid of the total.
            migrationBuilder.Sql("UPDATE transactions SET grand_total_tax = round(tax::numeric * grand_total / total) WHERE total <> 0 AND tax <> 0");

            // What the snapshot that is held says itself goes before. What PostgreSQL cannot unescape is left to the next full comparison.
            migrationBuilder.Sql(
                """
                UPDATE transactions SET grand_total_tax = said.tax::bigint
                FROM (
                    SELECT event_id, CASE WHEN event_type LIKE 'transaction.%' AND body LIKE '%"grand_total_tax"%' AND body !~ '\\u(0000|[dD][89a-fA-F])'
                        THEN body::json #>> '{data,details,totals,grand_total_tax}' END AS tax
                    FROM paddle_inbox) AS said
                WHERE said.event_id = transactions.last_event_id AND said.tax ~ '^-?[0-9]{1,18}$'
                """);

            // What somebody has written about a refund is about a person, and stood in reports that nobody cleared.
            migrationBuilder.Sql("UPDATE reconciliation_differences SET ours = NULL, theirs = NULL WHERE entity = 'adjustment' AND field = 'reason'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {

        }
    }
}
