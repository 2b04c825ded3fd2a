using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BotGeneric.Billing.Data.Migrations
{
    /// <inheritdoc />
    public partial class PaidTax : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "grand_total_tax",
                table: "transactions",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            // What the health report asks for each time, of tables that grow: of nothing, nearly always.
            migrationBuilder.Sql("CREATE INDEX ix_subscriptions_unknown_status ON subscriptions (raw_status) WHERE status = 'Unknown'");
            migrationBuilder.Sql("CREATE INDEX ix_transactions_unknown_status ON transactions (raw_status) WHERE status = 'Unknown'");
            migrationBuilder.Sql("CREATE INDEX ix_adjustments_unknown_status ON adjustments (raw_status) WHERE status = 'Unknown'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP INDEX ix_subscriptions_unknown_status");
            migrationBuilder.Sql("DROP INDEX ix_transactions_unknown_status");
            migrationBuilder.Sql("DROP INDEX ix_adjustments_unknown_status");
            migrationBuilder.DropColumn(
                name: "grand_total_tax",
                table: "transactions");
        }
    }
}
