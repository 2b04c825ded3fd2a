using System;
using BotGeneric.Usage.Invariants;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BotGeneric.Usage.Data.Migrations
{
    /// <inheritdoc />
    public partial class SettledHolds : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "settled_holds",
                columns: table => new
                {
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    hold_id = table.Column<Guid>(type: "uuid", nullable: false),
                    recorded_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_settled_holds", x => new { x.account_id, x.hold_id });
                });

            migrationBuilder.CreateIndex(
                name: "ix_settled_holds_recorded_at",
                table: "settled_holds",
                column: "recorded_at")
                .Annotation("Npgsql:IndexMethod", "brin");

            // What was settled before, as far back as an event can be recognized at most; of two events of one hold the first.
            migrationBuilder.Sql(
                "INSERT INTO settled_holds SELECT account_id, hold_id, min(recorded_at) FROM ledger WHERE hold_id IS NOT NULL AND corrects_entry_id IS NULL AND recorded_at >= now() - interval '59 days' GROUP BY account_id, hold_id");
            migrationBuilder.AddInvariantProgress();
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropInvariantProgress();
            migrationBuilder.DropTable(
                name: "settled_holds");
        }
    }
}
