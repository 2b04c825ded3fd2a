using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.Testing.Services;

namespace BotGeneric.Usage.Tests;

/// <summary>Who used something is who reports it, unless a service does.</summary>
public sealed class ReporterTests(UsageApplication application) : IClassFixture<UsageApplication>
{
    private readonly Guid _person = Guid.CreateVersion7();
    private readonly Guid _organization = Guid.CreateVersion7();

    [Theory]
    [InlineData("userId")]
    [InlineData("apiKeyId")]
    public async Task A_member_charges_neither_a_colleague_nor_another_key(string member)
    {
        using var client = Client(_organization);
        var foreign = new Dictionary<string, object> { [member] = Guid.CreateVersion7(), ["inputTokens"] = 5 };

        var items = await ReportAsync(client, Event(_organization, "a", new Dictionary<string, object>()), Event(_organization, "b", foreign));

        Assert.Equal(["stored", "invalid"], items.Select(item => item.GetProperty("outcome").GetString()));
        Assert.Contains($"data.{member}", items[1].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal((_person, "k7"), Assert.Single(await UsersAsync(client)));
    }

    [Fact]
    public async Task Whoever_reports_is_who_used_it_whether_they_say_so_or_not()
    {
        using var client = Client(null);
        var named = new Dictionary<string, object> { ["userId"] = _person, ["apiKeyId"] = "k7" };

        var items = await ReportAsync(client, Event(_person, "a", new Dictionary<string, object>()), Event(_person, "b", named));

        Assert.All(items, item => Assert.Equal("stored", item.GetProperty("outcome").GetString()));
        var users = await UsersAsync(client);
        Assert.Equal(2, users.Count);
        Assert.All(users, user => Assert.Equal((_person, "k7"), user));
    }

    [Fact]
    public async Task A_service_reports_what_somebody_else_has_done()
    {
        using var service = application.CreateClientWith(new TestToken { Subject = "agents", ClientId = "agents", Scopes = [ApiScopes.UsageWrite] });

        await ReportAsync(service, Event(_organization, "a", new Dictionary<string, object> { ["userId"] = _person, ["apiKeyId"] = "k8" }));

        using var member = Client(_organization);
        Assert.Equal((_person, "k8"), Assert.Single(await UsersAsync(member)));
    }

    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("alice")]
    public async Task A_subject_that_can_be_no_account_is_refused_and_the_rest_is_recorded(string subject)
    {
        using var service = application.CreateClientWith(new TestToken { Subject = "agents", ClientId = "agents", Scopes = [ApiScopes.UsageWrite] });

        var items = await ReportAsync(
            service, new { specversion = "1.0", type = "llm.call.v1", source = "tests", id = "a", subject, data = new { } },
            Event(_person, "b", new Dictionary<string, object> { ["holdId"] = Guid.Empty }), Event(_person, "c", new Dictionary<string, object>()));

        Assert.Equal(["invalid", "invalid", "stored"], items.Select(item => item.GetProperty("outcome").GetString()));
        Assert.StartsWith("subject must be the id of", items[0].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("data.holdId", items[1].GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    private HttpClient Client(Guid? organization) => application.CreateClientWith(new TestToken
    {
        Subject = _person.ToString(),
        KeyId = "k7",
        Organization = organization,
        OrganizationRole = organization is null ? null : "member",
        Scopes = [ApiScopes.UsageRead, ApiScopes.UsageWrite],
    });

    private static object Event(Guid account, string id, Dictionary<string, object> data) =>
        new { specversion = "1.0", type = "llm.call.v1", source = "tests", id, subject = account, data };

    private static async Task<List<JsonElement>> ReportAsync(HttpClient client, params object[] events)
    {
        using var response = await client.PostAsJsonAsync("/api/usage/events", events);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return [.. (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("items").EnumerateArray()];
    }

    private static async Task<List<(Guid User, string? Key)>> UsersAsync(HttpClient client)
    {
        var history = await client.GetFromJsonAsync<JsonElement>("/api/usage/history");
        return [.. history.GetProperty("items").EnumerateArray().Select(item => (item.GetProperty("userId").GetGuid(), item.GetProperty("apiKeyId").GetString()))];
    }
}
