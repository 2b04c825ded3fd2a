using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BotGeneric.Policy.Data.Migrations
{
    /// <inheritdoc />
    public partial class PaidPeriods : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.RenameColumn(name: "current_period_start", table: "plan_grants", newName: "paid_period_start");
            migrationBuilder.RenameColumn(name: "current_period_end", table: "plan_grants", newName: "paid_period_end");
            migrationBuilder.RenameColumn(name: "past_due_since", table: "plan_grants", newName: "grace_ends_at");
            // What was kept until now was the beginning of the grace, which was seven days unless somebody had changed it; Billing tells the end from now on.
            migrationBuilder.Sql("UPDATE plan_grants SET grace_ends_at = grace_ends_at + interval '7 days' WHERE grace_ends_at IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.RenameColumn(name: "paid_period_start", table: "plan_grants", newName: "current_period_start");
            migrationBuilder.RenameColumn(name: "paid_period_end", table: "plan_grants", newName: "current_period_end");
            migrationBuilder.RenameColumn(name: "grace_ends_at", table: "plan_grants", newName: "past_due_since");
            migrationBuilder.Sql("UPDATE plan_grants SET past_due_since = past_due_since - interval '7 days' WHERE past_due_since IS NOT NULL");
        }
    }
}
