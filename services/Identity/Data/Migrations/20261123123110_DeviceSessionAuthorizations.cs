using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BotGeneric.Identity.Data.Migrations
{
    /// <inheritdoc />
    public partial class DeviceSessionAuthorizations : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "authorization_id",
                table: "sessions",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_sessions_authorization_id",
                table: "sessions",
                column: "authorization_id",
                unique: true,
                filter: "authorization_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_sessions_client_id",
                table: "sessions",
                column: "client_id",
                filter: "client_id IS NOT NULL AND revoked_at IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_sessions_authorization_id",
                table: "sessions");

            migrationBuilder.DropIndex(
                name: "ix_sessions_client_id",
                table: "sessions");

            migrationBuilder.DropColumn(
                name: "authorization_id",
                table: "sessions");
        }
    }
}
