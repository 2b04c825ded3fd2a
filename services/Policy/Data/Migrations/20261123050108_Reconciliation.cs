using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BotGeneric.Policy.Data.Migrations
{
    /// <inheritdoc />
    public partial class Reconciliation : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "touched_at",
                table: "counter_versions",
                type: "timestamp with time zone",
                nullable: false,
                defaultValueSql: "now()");

            migrationBuilder.CreateTable(
                name: "ledger_differences",
                columns: table => new
                {
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    meter = table.Column<string>(type: "character varying(110)", maxLength: 110, nullable: false),
                    difference = table.Column<decimal>(type: "numeric(38,12)", precision: 38, scale: 12, nullable: false),
                    looks = table.Column<int>(type: "integer", nullable: false),
                    first_seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ledger_differences", x => new { x.account_id, x.meter });
                    table.CheckConstraint("ck_ledger_differences", "difference <> 0 AND looks > 0");
                });

            // Overrides only go with the person whom they name. Of those who went before, what was said is forgotten now.
            migrationBuilder.Sql(
                """
                UPDATE policy_audit SET reason = NULL, details = NULL
                 WHERE action LIKE 'override.%' AND (reason IS NOT NULL OR details IS NOT NULL)
                   AND NOT EXISTS (SELECT 1 FROM limit_overrides WHERE limit_overrides.id::text = policy_audit.target);
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ledger_differences");

            migrationBuilder.DropColumn(
                name: "touched_at",
                table: "counter_versions");
        }
    }
}
