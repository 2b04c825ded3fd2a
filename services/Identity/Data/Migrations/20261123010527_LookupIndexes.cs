using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BotGeneric.Identity.Data.Migrations
{
    /// <inheritdoc />
    public partial class LookupIndexes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_invitations_normalized_email",
                table: "invitations",
                column: "normalized_email");

            migrationBuilder.CreateIndex(
                name: "ix_audit_entries_impersonator_id_sequence",
                table: "audit_entries",
                columns: new[] { "impersonator_id", "sequence" },
                filter: "impersonator_id IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_invitations_normalized_email",
                table: "invitations");

            migrationBuilder.DropIndex(
                name: "ix_audit_entries_impersonator_id_sequence",
                table: "audit_entries");
        }
    }
}
