using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BotGeneric.Billing.Data.Migrations
{
    /// <inheritdoc />
    public partial class BillingOperations : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_reconciliation_differences_run_id",
                table: "reconciliation_differences");

            migrationBuilder.AddColumn<string>(
                name: "position",
                table: "reconciliation_runs",
                type: "character varying(200)",
                maxLength: 200,
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_reconciliation_differences_run_id_entity_paddle_id_field",
                table: "reconciliation_differences",
                columns: new[] { "run_id", "entity", "paddle_id", "field" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_paddle_inbox_failed",
                table: "paddle_inbox",
                column: "received_at",
                filter: "status = 'Failed'");

            migrationBuilder.CreateIndex(
                name: "ix_billing_audit_target",
                table: "billing_audit",
                column: "target");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_reconciliation_differences_run_id_entity_paddle_id_field",
                table: "reconciliation_differences");

            migrationBuilder.DropIndex(
                name: "ix_paddle_inbox_failed",
                table: "paddle_inbox");

            migrationBuilder.DropIndex(
                name: "ix_billing_audit_target",
                table: "billing_audit");

            migrationBuilder.DropColumn(
                name: "position",
                table: "reconciliation_runs");

            migrationBuilder.CreateIndex(
                name: "ix_reconciliation_differences_run_id",
                table: "reconciliation_differences",
                column: "run_id");
        }
    }
}
