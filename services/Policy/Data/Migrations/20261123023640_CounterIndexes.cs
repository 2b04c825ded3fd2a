using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BotGeneric.Policy.Data.Migrations
{
    /// <inheritdoc />
    public partial class CounterIndexes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_usage_counters_bucket",
                table: "usage_counters",
                column: "bucket")
                .Annotation("Npgsql:IndexMethod", "brin");

            migrationBuilder.CreateIndex(
                name: "ix_usage_counters_user_id",
                table: "usage_counters",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ix_refusals_at",
                table: "refusals",
                column: "at")
                .Annotation("Npgsql:IndexMethod", "brin");

            migrationBuilder.CreateIndex(
                name: "ix_refusals_user_id",
                table: "refusals",
                column: "user_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_usage_counters_bucket",
                table: "usage_counters");

            migrationBuilder.DropIndex(
                name: "ix_usage_counters_user_id",
                table: "usage_counters");

            migrationBuilder.DropIndex(
                name: "ix_refusals_at",
                table: "refusals");

            migrationBuilder.DropIndex(
                name: "ix_refusals_user_id",
                table: "refusals");
        }
    }
}
