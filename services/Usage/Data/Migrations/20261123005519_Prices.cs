using System;
using BotGeneric.Usage.Invariants;
using BotGeneric.Usage.Rollups;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BotGeneric.Usage.Data.Migrations
{
    /// <inheritdoc />
    public partial class Prices : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "model_prices",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    provider = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false, collation: "C"),
                    model = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false, collation: "C"),
                    currency = table.Column<string>(type: "character(3)", nullable: false),
                    effective_from = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    effective_to = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    source = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    tiers = table.Column<string>(type: "jsonb", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_model_prices", x => x.id);
                    table.CheckConstraint("ck_model_prices_times", "effective_to IS NULL OR effective_to > effective_from");
                });

            migrationBuilder.CreateIndex(
                name: "ix_model_prices_provider_model_effective_from",
                table: "model_prices",
                columns: new[] { "provider", "model", "effective_from" },
                unique: true);

            migrationBuilder.CompletePrices();
            migrationBuilder.CreateRollups();
            migrationBuilder.CreateInvariantRuns();
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropInvariantRuns();
            migrationBuilder.DropRollups();
            migrationBuilder.ReducePrices();

            migrationBuilder.DropTable(
                name: "model_prices");
        }
    }
}
