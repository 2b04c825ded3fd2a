using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BotGeneric.Notifications.Data.Migrations
{
    /// <inheritdoc />
    public partial class LookupIndexes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_deliveries_address_fingerprint",
                table: "deliveries",
                column: "address_fingerprint");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_deliveries_address_fingerprint",
                table: "deliveries");
        }
    }
}
