using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Identity.Tests.Support;
using BotGeneric.Replay;
using BotGeneric.Testing;
using Npgsql;

namespace BotGeneric.System.Tests;

/// <summary>What a person can do about their data, over all services.</summary>
[Collection(RunningSystem.Collection)]
public sealed class DeletionFlowTests(RunningSystem system)
{
    private const string Password = "a horse that counts to 41";

    [Fact]
    public async Task Whoever_is_deleted_is_erased_by_every_service_and_an_admin_sees_it()
    {
        var (address, person) = await RegisterAsync();
        using var _ = person;
        var id = await AskAsync("SELECT id FROM users WHERE email = $1", address) is Guid found ? found : throw new InvalidOperationException("There is no account.");
        var usage = new ReplayClient(system.Operator);
        var calls = TraceFile.Read(TraceFile.Generate(5, new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero), seed: 7));
        await usage.ReportAsync(id, "system-tests", calls, CancellationToken.None);
        Assert.Equal(Totals.Of(calls), await usage.HistoryAsync(id, CancellationToken.None));

        using var asked = await person.SubmitAsync("/account/privacy", "/account/privacy/delete", ("confirmation", "delete"));
        Assert.Equal("/account/privacy", asked.Headers.Location?.OriginalString);
        using var admin = await SignedInAsync(
            system.Application.State.Parameters["development-admin-email"], system.Application.State.Parameters["development-admin-password"]);
        var waiting = await RowAsync(admin, id);
        // The days of grace are over.
        await AskAsync("UPDATE erasures SET due_at = now() WHERE user_id = $1 RETURNING id", id);
        var complete = await Eventually.GetAsync(() => RowAsync(admin, id), row => row.Contains("Complete", StringComparison.Ordinal), "the deletion to be complete");

        Assert.Contains("Days of grace", waiting, StringComparison.Ordinal);
        Assert.Contains("7 of 7 have answered", complete, StringComparison.Ordinal);
        var erasure = (await system.GetAsync("/api/admin/erasures")).GetProperty("items").EnumerateArray().Single(item => item.GetProperty("userId").GetGuid() == id);
        Assert.Equal(
            ["agents", "analytics", "billing", "notifications", "policy", "telegram", "usage"],
            erasure.GetProperty("services").EnumerateArray().Where(answer => answer.GetProperty("erasedAt").ValueKind == JsonValueKind.String)
                .Select(answer => answer.GetProperty("service").GetString()));
        Assert.Equal(default, await usage.HistoryAsync(id, CancellationToken.None));
        Assert.Equal(HttpStatusCode.Found, (await person.GetAsync("/account")).StatusCode);
        using var refused = await OpenBrowser().SubmitAsync("/login", null, ("email", address), ("password", Password));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
    }

    [Fact]
    public async Task No_page_leads_to_a_chat_in_which_nobody_answers()
    {
        var (_, person) = await RegisterAsync();
        using var browser = person;

        var page = await browser.ReadAsync("/account/links");

        Assert.Contains("/account/links/google", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/account/links/telegram/chat", page, StringComparison.Ordinal);
    }

    private static async Task<string> RowAsync(Browser admin, Guid person) =>
        Assert.Single((await admin.ReadAsync("/account/admin/erasures")).Split("<tr>"), row => row.Contains($"{person}</a>", StringComparison.Ordinal));

    private Browser OpenBrowser() => new(new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = system.Application.Gateway });

    private async Task<Browser> SignedInAsync(string email, string password)
    {
        var browser = OpenBrowser();
        using var answer = await browser.SubmitAsync("/login", null, ("email", email), ("password", password));
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        return browser;
    }

    private async Task<(string Address, Browser Browser)> RegisterAsync()
    {
        var (address, browser) = ($"person-{Guid.CreateVersion7():N}@example.com", OpenBrowser());
        using var begun = await browser.SubmitAsync("/register", null, ("email", address), ("password", Password), ("displayName", "Anna"));
        using var simulators = new HttpClient { BaseAddress = system.Application.AddressOf("simulators") };
        var link = await Eventually.GetAsync(
            async () =>
            {
                var list = await simulators.GetFromJsonAsync<JsonElement>($"/mail/messages?to={Uri.EscapeDataString(address)}");
                return list.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()).FirstOrDefault() is { } id
                    ? (await simulators.GetFromJsonAsync<JsonElement>($"/mail/messages/{id}")).GetProperty("links").EnumerateArray()
                        .Select(element => new Uri(element.GetString()!)).FirstOrDefault(candidate => candidate.AbsolutePath == "/register/verify")
                    : null;
            },
            found => found is not null,
            "the message with the link");
        using var verified = await browser.SubmitAsync(link!.PathAndQuery, "/register/verify");
        Assert.Equal("/account", verified.Headers.Location?.OriginalString);
        return (address, browser);
    }

    // Identity's own database: what no door of the system lets anybody do, such as moving time.
    private async Task<object?> AskAsync(string sql, object value)
    {
        await using var database = NpgsqlDataSource.Create(system.Application.State.ConnectionStrings["identity-db"]);
        await using var command = database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = value });
        return await command.ExecuteScalarAsync();
    }
}
