using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BotGeneric.Usage.Data.Migrations
{
    /// <inheritdoc />
    public partial class MergedAccounts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "merged_accounts",
                columns: table => new
                {
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    kept_account_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_merged_accounts", x => x.account_id);
                    table.CheckConstraint("ck_merged_accounts_kept", "account_id <> kept_account_id");
                });

            migrationBuilder.CreateIndex(
                name: "ix_merged_accounts_kept_account_id",
                table: "merged_accounts",
                column: "kept_account_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "merged_accounts");
        }
    }
}
