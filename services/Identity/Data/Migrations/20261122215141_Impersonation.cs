using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BotGeneric.Identity.Data.Migrations
{
    /// <inheritdoc />
    public partial class Impersonation : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "actor_id",
                table: "sessions",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "actor_session_id",
                table: "sessions",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_sessions_actor_id",
                table: "sessions",
                column: "actor_id");

            migrationBuilder.CreateIndex(
                name: "ix_sessions_actor_session_id",
                table: "sessions",
                column: "actor_session_id",
                filter: "actor_session_id IS NOT NULL AND revoked_at IS NULL");

            migrationBuilder.AddCheckConstraint(
                name: "ck_sessions_actor",
                table: "sessions",
                sql: "(actor_id IS NULL) = (actor_session_id IS NULL) AND actor_id IS DISTINCT FROM user_id");

            migrationBuilder.AddForeignKey(
                name: "fk_sessions_users_actor_id",
                table: "sessions",
                column: "actor_id",
                principalTable: "users",
                principalColumn: "id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "fk_sessions_users_actor_id",
                table: "sessions");

            migrationBuilder.DropIndex(
                name: "ix_sessions_actor_id",
                table: "sessions");

            migrationBuilder.DropIndex(
                name: "ix_sessions_actor_session_id",
                table: "sessions");

            migrationBuilder.DropCheckConstraint(
                name: "ck_sessions_actor",
                table: "sessions");

            migrationBuilder.DropColumn(
                name: "actor_id",
                table: "sessions");

            migrationBuilder.DropColumn(
                name: "actor_session_id",
                table: "sessions");
        }
    }
}
