using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BotGeneric.Policy.Data.Migrations
{
    /// <inheritdoc />
    public partial class Counters : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropPrimaryKey(
                name: "pk_usage_counters",
                table: "usage_counters");

            migrationBuilder.DropCheckConstraint(
                name: "ck_usage_counters_used",
                table: "usage_counters");

            migrationBuilder.AlterColumn<decimal>(
                name: "used",
                table: "usage_counters",
                type: "numeric(38,12)",
                precision: 38,
                scale: 12,
                nullable: false,
                oldClrType: typeof(long),
                oldType: "bigint");

            migrationBuilder.AlterColumn<string>(
                name: "meter",
                table: "usage_counters",
                type: "character varying(100)",
                maxLength: 100,
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(50)",
                oldMaxLength: 50);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "bucket",
                table: "usage_counters",
                type: "timestamp with time zone",
                nullable: false,
                defaultValue: new DateTimeOffset(new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), new TimeSpan(0, 0, 0, 0, 0)));

            migrationBuilder.AddColumn<Guid>(
                name: "user_id",
                table: "usage_counters",
                type: "uuid",
                nullable: false,
                defaultValue: new Guid("00000000-0000-0000-0000-000000000000"));

            migrationBuilder.AddColumn<string>(
                name: "api_key_id",
                table: "usage_counters",
                type: "character varying(100)",
                maxLength: 100,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "feature",
                table: "usage_counters",
                type: "character varying(100)",
                maxLength: 100,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "model",
                table: "usage_counters",
                type: "character varying(100)",
                maxLength: 100,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "channel",
                table: "usage_counters",
                type: "character varying(100)",
                maxLength: 100,
                nullable: false,
                defaultValue: "");

            // Days that were counted before are whole buckets of any window; everybody's together are counted from now on.
            migrationBuilder.Sql(
                """
                UPDATE usage_counters SET bucket = day::timestamp AT TIME ZONE 'UTC';
                ALTER TABLE usage_counters
                    ALTER COLUMN bucket DROP DEFAULT, ALTER COLUMN user_id DROP DEFAULT, ALTER COLUMN api_key_id DROP DEFAULT,
                    ALTER COLUMN feature DROP DEFAULT, ALTER COLUMN model DROP DEFAULT, ALTER COLUMN channel DROP DEFAULT;
                INSERT INTO usage_counters (account_id, meter, day, bucket, user_id, api_key_id, feature, model, channel, used)
                SELECT '00000000-0000-0000-0000-000000000000', meter, day, bucket, user_id, '', '', '', '', sum(used)
                  FROM usage_counters GROUP BY meter, day, bucket, user_id;
                """);

            migrationBuilder.DropColumn(
                name: "day",
                table: "usage_counters");

            migrationBuilder.AddPrimaryKey(
                name: "pk_usage_counters",
                table: "usage_counters",
                columns: new[] { "account_id", "meter", "bucket", "user_id", "api_key_id", "feature", "model", "channel" });

            migrationBuilder.CreateTable(
                name: "counter_versions",
                columns: table => new
                {
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    target = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false),
                    version = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_counter_versions", x => new { x.account_id, x.target });
                });

            migrationBuilder.CreateTable(
                name: "covered_windows",
                columns: table => new
                {
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    field = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    covered = table.Column<decimal>(type: "numeric(38,12)", precision: 38, scale: 12, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_covered_windows", x => new { x.account_id, x.field });
                    table.CheckConstraint("ck_covered_windows_covered", "covered >= 0");
                });

            migrationBuilder.CreateTable(
                name: "limit_notices",
                columns: table => new
                {
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    target = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false),
                    limit = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    window_start = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    percent = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_limit_notices", x => new { x.account_id, x.target, x.limit, x.window_start, x.percent });
                });

            migrationBuilder.CreateTable(
                name: "refusals",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: true),
                    api_key_id = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    feature = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    model = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    channel = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    reason = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false),
                    limit = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    trace_id = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    limits = table.Column<string>(type: "jsonb", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_refusals", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_refusals_account_id_id",
                table: "refusals",
                columns: new[] { "account_id", "id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "counter_versions");

            migrationBuilder.DropTable(
                name: "covered_windows");

            migrationBuilder.DropTable(
                name: "limit_notices");

            migrationBuilder.DropTable(
                name: "refusals");

            migrationBuilder.DropPrimaryKey(
                name: "pk_usage_counters",
                table: "usage_counters");

            migrationBuilder.DropColumn(
                name: "bucket",
                table: "usage_counters");

            migrationBuilder.DropColumn(
                name: "user_id",
                table: "usage_counters");

            migrationBuilder.DropColumn(
                name: "api_key_id",
                table: "usage_counters");

            migrationBuilder.DropColumn(
                name: "feature",
                table: "usage_counters");

            migrationBuilder.DropColumn(
                name: "model",
                table: "usage_counters");

            migrationBuilder.DropColumn(
                name: "channel",
                table: "usage_counters");

            migrationBuilder.AlterColumn<long>(
                name: "used",
                table: "usage_counters",
                type: "bigint",
                nullable: false,
                oldClrType: typeof(decimal),
                oldType: "numeric(38,12)",
                oldPrecision: 38,
                oldScale: 12);

            migrationBuilder.AlterColumn<string>(
                name: "meter",
                table: "usage_counters",
                type: "character varying(50)",
                maxLength: 50,
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(100)",
                oldMaxLength: 100);

            migrationBuilder.AddColumn<DateOnly>(
                name: "day",
                table: "usage_counters",
                type: "date",
                nullable: false,
                defaultValue: new DateOnly(1, 1, 1));

            migrationBuilder.AddPrimaryKey(
                name: "pk_usage_counters",
                table: "usage_counters",
                columns: new[] { "account_id", "meter", "day" });

            migrationBuilder.AddCheckConstraint(
                name: "ck_usage_counters_used",
                table: "usage_counters",
                sql: "used >= 0");
        }
    }
}
