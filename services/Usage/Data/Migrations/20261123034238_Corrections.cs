using BotGeneric.Usage.Rollups;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BotGeneric.Usage.Data.Migrations
{
    /// <inheritdoc />
    public partial class Corrections : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "gives_cost",
                table: "ledger",
                type: "boolean",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "meter_differences",
                table: "ledger",
                type: "jsonb",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_ledger_time",
                table: "ledger",
                column: "time")
                .Annotation("Npgsql:IndexMethod", "brin")
                .Annotation("Npgsql:StorageParameter:autosummarize", true);

            migrationBuilder.AddCheckConstraint(
                name: "ck_ledger_correction",
                table: "ledger",
                sql: "corrects_entry_id IS NOT NULL OR (gives_cost IS NULL AND meter_differences IS NULL)");

            migrationBuilder.CreateRebuilds();
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropRebuilds();

            migrationBuilder.DropIndex(
                name: "ix_ledger_time",
                table: "ledger");

            migrationBuilder.DropCheckConstraint(
                name: "ck_ledger_correction",
                table: "ledger");

            migrationBuilder.DropColumn(
                name: "gives_cost",
                table: "ledger");

            migrationBuilder.DropColumn(
                name: "meter_differences",
                table: "ledger");
        }
    }
}
