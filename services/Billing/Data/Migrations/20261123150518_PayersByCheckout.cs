using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BotGeneric.Billing.Data.Migrations
{
    /// <inheritdoc />
    public partial class PayersByCheckout : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_transactions_checkout_id",
                table: "transactions",
                column: "checkout_id");

            migrationBuilder.CreateIndex(
                name: "ix_customers_checkout_id",
                table: "customers",
                column: "checkout_id");

            migrationBuilder.CreateIndex(
                name: "ix_checkouts_created_by",
                table: "checkouts",
                column: "created_by");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_transactions_checkout_id",
                table: "transactions");

            migrationBuilder.DropIndex(
                name: "ix_customers_checkout_id",
                table: "customers");

            migrationBuilder.DropIndex(
                name: "ix_checkouts_created_by",
                table: "checkouts");
        }
    }
}
