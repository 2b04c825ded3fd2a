using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BotGeneric.Policy.Data.Migrations
{
    /// <inheritdoc />
    public partial class CounterVersions : Migration
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
            migrationBuilder.DropColumn(
                name: "touched_at",
                table: "counter_versions");
        }
    }
}
