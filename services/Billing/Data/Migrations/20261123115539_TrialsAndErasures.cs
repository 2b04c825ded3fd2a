using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BotGeneric.Billing.Data.Migrations
{
    /// <inheritdoc />
    public partial class TrialsAndErasures : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "paddle_id_without_trial",
                table: "prices",
                type: "character varying(100)",
                maxLength: 100,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "trial_days",
                table: "checkouts",
                type: "integer",
                nullable: true);

            // Until now every purchase had the trial of its plan.
            migrationBuilder.Sql(
                """
                UPDATE checkouts SET trial_days = (plans.terms ->> 'trialDays')::int
                FROM plans WHERE plans.code = checkouts.plan_code AND plans.terms ->> 'trialDays' IS NOT NULL
                """);

            migrationBuilder.CreateTable(
                name: "erased_people",
                columns: table => new
                {
                    person_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_erased_people", x => x.person_id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_prices_paddle_id_without_trial",
                table: "prices",
                column: "paddle_id_without_trial",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "erased_people");

            migrationBuilder.DropIndex(
                name: "ix_prices_paddle_id_without_trial",
                table: "prices");

            migrationBuilder.DropColumn(
                name: "paddle_id_without_trial",
                table: "prices");

            migrationBuilder.DropColumn(
                name: "trial_days",
                table: "checkouts");
        }
    }
}
