using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace BotGeneric.Usage.Data.Migrations
{
    /// <inheritdoc />
    public partial class Ledger : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "ledger_batches",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    recorded_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    entries = table.Column<int>(type: "integer", nullable: false),
                    rolled_up_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ledger_batches", x => x.id);
                    table.CheckConstraint("ck_ledger_batches_entries", "entries > 0");
                });

            migrationBuilder.CreateTable(
                name: "meters",
                columns: table => new
                {
                    code = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    event_type = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    aggregation = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false),
                    value_property = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    dimensions = table.Column<string[]>(type: "text[]", nullable: false),
                    unit = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    archived_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_meters", x => x.code);
                    table.CheckConstraint("ck_meters_aggregation", "aggregation IN ('sum', 'count', 'unique', 'max', 'latest')");
                    table.CheckConstraint("ck_meters_value_property", "(aggregation = 'count') = (value_property IS NULL)");
                });

            migrationBuilder.CreateIndex(
                name: "ix_ledger_batches_waiting",
                table: "ledger_batches",
                column: "id",
                filter: "rolled_up_at IS NULL");

            migrationBuilder.PartitionLedger();
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.RestorePlainLedger();

            migrationBuilder.DropTable(
                name: "ledger_batches");

            migrationBuilder.DropTable(
                name: "meters");
        }
    }
}
