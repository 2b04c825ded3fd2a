using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BotGeneric.Billing.Data.Migrations
{
    /// <inheritdoc />
    public partial class MirrorClaims : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "announced_failure",
                table: "transactions");

            migrationBuilder.AddColumn<Guid>(
                name: "checkout_id",
                table: "transactions",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "claimed_account_id",
                table: "transactions",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "failures",
                table: "transactions",
                type: "jsonb",
                nullable: false,
                defaultValue: "[]");

            migrationBuilder.AddColumn<Guid>(
                name: "checkout_id",
                table: "subscriptions",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "claimed_account_id",
                table: "subscriptions",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "checkout_id",
                table: "customers",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "goes_to_balance",
                table: "adjustments",
                type: "boolean",
                nullable: false,
                defaultValue: false);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "checkout_id",
                table: "transactions");

            migrationBuilder.DropColumn(
                name: "claimed_account_id",
                table: "transactions");

            migrationBuilder.DropColumn(
                name: "failures",
                table: "transactions");

            migrationBuilder.DropColumn(
                name: "checkout_id",
                table: "subscriptions");

            migrationBuilder.DropColumn(
                name: "claimed_account_id",
                table: "subscriptions");

            migrationBuilder.DropColumn(
                name: "checkout_id",
                table: "customers");

            migrationBuilder.DropColumn(
                name: "goes_to_balance",
                table: "adjustments");

            migrationBuilder.AddColumn<string>(
                name: "announced_failure",
                table: "transactions",
                type: "character varying(100)",
                maxLength: 100,
                nullable: true);
        }
    }
}
