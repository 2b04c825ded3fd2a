using System.Text.Json;
using BotGeneric.Identity.Administration;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Tests.Support.People;
using Npgsql;

namespace BotGeneric.Identity.Tests.Administration;

public sealed class AuditTests(PeopleApplication identity) : IClassFixture<PeopleApplication>
{
    [Theory]
    [InlineData("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "\"'\t=1\"")]
    [InlineData("  =1", "'  =1")]
    [InlineData("a,\"b\"", "\"a,\"\"b\"\"\"")]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void A_cell_is_never_a_formula(string? value, string expected) => Assert.Equal(expected, AuditExport.Cell(value));

    [Fact]
    public async Task The_log_is_searched_exported_and_verified_and_tampering_shows_where()
    {
        var admin = await identity.CreatePersonAsync("admin", isAdmin: true);
        var (actor, subject, organization) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        var at = identity.Time.GetUtcNow();
        await identity.WithDatabaseAsync(db =>
        {
            db.AuditEntries.AddRange(Enumerable.Range(0, 3).Select(number => new AuditEntry
            {
                At = new DateTimeOffset(at.UtcDateTime.Date.AddHours(number), TimeSpan.Zero),
                Action = $"test.{number}",
                Outcome = "success",
                ActorId = actor,
                UserId = subject,
                OrganizationId = organization,
                UserAgent = "=HYPERLINK(\"http://evil.example\")",
                Details = """{"a": "b"}""",
            }));
            return db.SaveChangesAsync();
        });
        var day = at.UtcDateTime.Date;

        Assert.Equal(3, await CountAsync(admin, $"actor={actor}"));
        Assert.Equal(3, await CountAsync(admin, $"user={subject}"));
        Assert.Equal(3, await CountAsync(admin, $"organization={organization}"));
        Assert.Equal(1, await CountAsync(admin, $"actor={actor}&action=test.1"));
        Assert.Equal(1, await CountAsync(admin, $"actor={actor}&from={day.AddHours(1):O}Z&to={day.AddHours(2):O}Z".Replace("ZZ", "Z", StringComparison.Ordinal)));
        var first = await admin.Api.ReadAsync($"/api/admin/audit?actor={actor}&limit=2");
        var rest = await admin.Api.ReadAsync($"/api/admin/audit?actor={actor}&limit=2&cursor={first.GetProperty("nextCursor").GetString()}");
        Assert.Equal("test.0", rest.GetProperty("items")[0].GetProperty("action").GetString());
        var csv = await admin.Api.GetStringAsync($"/api/admin/audit/export?actor={actor}");
        Assert.Equal(4, csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("\"'=HYPERLINK(\"\"http://evil.example\"\")\"", csv, StringComparison.Ordinal);
        var json = JsonDocument.Parse(await admin.Api.GetStringAsync($"/api/admin/audit/export?actor={actor}&format=json")).RootElement;
        Assert.Equal("b", json[0].GetProperty("details").GetProperty("a").GetString());

        var before = await VerifyAsync(admin);
        var sequence = json[1].GetProperty("sequence").GetInt64();
        await TamperAsync($"UPDATE audit_entries SET outcome = 'forged' WHERE sequence = {sequence}");
        var altered = await VerifyAsync(admin);
        await TamperAsync($"UPDATE audit_entries e SET hash = audit_entry_digest(e) WHERE sequence = {sequence}");
        var rehashed = await VerifyAsync(admin);
        await TamperAsync($"DELETE FROM audit_entries WHERE sequence = {sequence}");
        var missing = await VerifyAsync(admin);

        Assert.True(before.GetProperty("isIntact").GetBoolean());
        Assert.Equal((sequence, "altered"), At(altered));
        Assert.Equal((sequence + 1, "unchained"), At(rehashed));
        Assert.Equal((sequence + 1, "missing"), At(missing));
    }

    private static (long Sequence, string? Fault) At(JsonElement verification) =>
        (verification.GetProperty("brokenAt").GetInt64(), verification.GetProperty("fault").GetString());

    private static Task<JsonElement> VerifyAsync(Person admin) => admin.Api.ReadAsync("/api/admin/audit/verify");

    private static async Task<int> CountAsync(Person admin, string query) =>
        (await admin.Api.ReadAsync($"/api/admin/audit?{query}")).GetProperty("items").GetArrayLength();

    // As somebody would who owns the server: triggers off, change, triggers on.
    private async Task TamperAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(identity.Database.SuperUserConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"SET session_replication_role = replica; {sql}; SET session_replication_role = DEFAULT", connection);
        await command.ExecuteNonQueryAsync();
    }
}
