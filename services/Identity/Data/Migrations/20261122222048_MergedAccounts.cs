using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BotGeneric.Identity.Data.Migrations
{
    /// <inheritdoc />
    public partial class MergedAccounts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "merged_into_id",
                table: "users",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "chat_links",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    secret_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    session_id = table.Column<Guid>(type: "uuid", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    telegram_user_id = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    telegram_name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    telegram_user_name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    consumed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_chat_links", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "merge_intents",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    session_id = table.Column<Guid>(type: "uuid", nullable: false),
                    kept_user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    absorbed_user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    identity_id = table.Column<Guid>(type: "uuid", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    second_factor_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    consumed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_merge_intents", x => x.id);
                    table.CheckConstraint("ck_merge_intents_two", "kept_user_id <> absorbed_user_id");
                });

            migrationBuilder.CreateIndex(
                name: "ix_users_merged_into_id",
                table: "users",
                column: "merged_into_id");

            migrationBuilder.AddCheckConstraint(
                name: "ck_users_merged",
                table: "users",
                sql: "merged_into_id IS NULL OR (merged_into_id <> id AND deleted_at IS NOT NULL)");

            migrationBuilder.CreateIndex(
                name: "ix_chat_links_expires_at",
                table: "chat_links",
                column: "expires_at");

            migrationBuilder.CreateIndex(
                name: "ix_chat_links_secret_hash",
                table: "chat_links",
                column: "secret_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_chat_links_session_id",
                table: "chat_links",
                column: "session_id");

            migrationBuilder.CreateIndex(
                name: "ix_chat_links_user_id",
                table: "chat_links",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ix_merge_intents_expires_at",
                table: "merge_intents",
                column: "expires_at");

            migrationBuilder.CreateIndex(
                name: "ix_merge_intents_session_id",
                table: "merge_intents",
                column: "session_id");

            migrationBuilder.AddForeignKey(
                name: "fk_users_users_merged_into_id",
                table: "users",
                column: "merged_into_id",
                principalTable: "users",
                principalColumn: "id",
                onDelete: ReferentialAction.Restrict);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "fk_users_users_merged_into_id",
                table: "users");

            migrationBuilder.DropTable(
                name: "chat_links");

            migrationBuilder.DropTable(
                name: "merge_intents");

            migrationBuilder.DropIndex(
                name: "ix_users_merged_into_id",
                table: "users");

            migrationBuilder.DropCheckConstraint(
                name: "ck_users_merged",
                table: "users");

            migrationBuilder.DropColumn(
                name: "merged_into_id",
                table: "users");
        }
    }
}
