using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Policy.Data;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace BotGeneric.Policy.Tests;

/// <summary>Admins set policies, see what they were, and who changed them.</summary>
public sealed class AdminPoliciesTests(PolicyApplication application) : IClassFixture<PolicyApplication>
{
    private const string Path = "/api/admin/policies";

    private readonly HttpClient _client = application.CreateOperatorClient();
    private readonly string _code = $"p-{Guid.CreateVersion7():N}"[..30];

    [Fact]
    public async Task Every_change_makes_a_version_with_who_and_why_and_any_of_them_can_be_restored()
    {
        var created = await SendAsync(HttpMethod.Post, "", Draft(_code, "user", 5, "the beginning", Plan()), HttpStatusCode.Created);
        var updated = await SendAsync(HttpMethod.Put, $"/{_code}", Update(1, 6), HttpStatusCode.OK);
        var archived = await SendAsync(HttpMethod.Post, $"/{_code}/archive", new { version = 2, reason = "no need" }, HttpStatusCode.OK);
        var again = await SendAsync(HttpMethod.Post, $"/{_code}/archive", new { version = 3, reason = "no need" }, HttpStatusCode.OK);
        await SendAsync(HttpMethod.Put, $"/{_code}", Update(3, 7), HttpStatusCode.Conflict);
        var restored = await SendAsync(HttpMethod.Post, $"/{_code}/versions/1/restore", new { version = 3, reason = "it was better" }, HttpStatusCode.OK);
        await SendAsync(HttpMethod.Post, $"/{_code}/versions/9/restore", new { version = 4, reason = "no such" }, HttpStatusCode.NotFound);

        Assert.Equal([1, 2, 3, 3, 4], new[] { created, updated, archived, again, restored }.Select(policy => policy.GetProperty("version").GetInt32()));
        Assert.Equal(JsonValueKind.String, archived.GetProperty("archivedAt").ValueKind);
        Assert.Equal("5", Maximum(restored.GetProperty("document")));
        Assert.Equal(JsonValueKind.Null, restored.GetProperty("archivedAt").ValueKind);

        var versions = (await _client.GetFromJsonAsync<JsonElement>($"{Path}/{_code}/versions")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(["restored", "archived", "updated", "created"], versions.Select(version => version.GetProperty("change").GetString()));
        Assert.Equal(["5", "6", "6", "5"], versions.Select(version => Maximum(version.GetProperty("terms").GetProperty("document"))));
        Assert.Equal("the beginning", versions[3].GetProperty("reason").GetString());
        Assert.All(versions, version => Assert.Equal(TestTokens.OperatorId.ToString(), version.GetProperty("changedBy").GetString()));
        var audit = (await _client.GetFromJsonAsync<JsonElement>($"{Path}/audit?target={_code}")).GetProperty("items").EnumerateArray();
        Assert.Equal(
            ["policy.restored", "policy.archived", "policy.updated", "policy.created"], audit.Select(entry => entry.GetProperty("action").GetString()));
    }

    [Fact]
    public async Task Of_two_who_have_read_the_same_version_one_wins_and_the_other_reads_again()
    {
        await SendAsync(HttpMethod.Post, "", Draft(_code, "user", 5, selector: Plan()), HttpStatusCode.Created);

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(number => _client.PutAsJsonAsync($"{Path}/{_code}", Update(1, number))));

        Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal(5, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task Of_two_that_contradict_each_other_only_one_is_created_however_close_together()
    {
        var answers = await Task.WhenAll(Enumerable.Range(1, 6).Select(number =>
            _client.PostAsJsonAsync(Path, Draft($"{_code}-{number}", "plan", number, selector: Plan()))));

        Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
        var refused = answers.First(answer => answer.StatusCode == HttpStatusCode.BadRequest);
        var reason = (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").GetProperty("/document/limits/0")[0].GetString();
        Assert.Contains("another priority", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_is_used_once()
    {
        await SendAsync(HttpMethod.Post, "", Draft(_code, "user", 5, selector: Plan()), HttpStatusCode.Created);
        await SendAsync(HttpMethod.Post, "", Draft(_code, "organization", 6), HttpStatusCode.Conflict);
    }

    [Theory]
    [InlineData("""{"code":"x","reason":"r","name":"n","scope":"user","document":{"limits":[{"code":"a","kind":"quota","unit":"llm.requests","maximum":"5","window":"day","max":1}]}}""")]
    [InlineData("""{"code":"x","reason":"r","name":"n","scope":"user","document":{"limits":[{"code":"a","kind":"quota","unit":"llm.requests","maximum":5,"window":"day"}]}}""")]
    [InlineData("""{"code":"x","reason":"r","name":"n","scope":"galaxy","document":{"access":[{"allow":true}]}}""")]
    [InlineData("""{"code":"x","reason":" ","name":"n","scope":"user","document":{"access":[{"allow":true}]}}""")]
    [InlineData("""{"code":"x","name":"n","scope":"user","document":{"access":[{"allow":true}]}}""")]
    [InlineData("""{"code":"x","reason":"r","name":"n","scope":"user","document":{"access":[{"allow":true}]},"note":"?"}""")]
    public async Task What_is_unknown_or_missing_is_refused(string json)
    {
        using var answer = await _client.PostAsync(Path, new StringContent(json, System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task The_list_has_pages_by_code_and_archived_ones_only_when_asked_for()
    {
        foreach (var number in (int[])[1, 2, 3])
        {
            await SendAsync(HttpMethod.Post, "", Draft($"{_code}-{number}", "user", number, selector: new { plans = new[] { $"{_code}-{number}" } }), HttpStatusCode.Created);
        }

        await SendAsync(HttpMethod.Post, $"/{_code}-2/archive", new { version = 1, reason = "no need" }, HttpStatusCode.OK);

        Assert.Equal([$"{_code}-1", $"{_code}-3"], await CodesAsync(false));
        Assert.Equal([$"{_code}-1", $"{_code}-2", $"{_code}-3"], await CodesAsync(true));

        async Task<List<string>> CodesAsync(bool archived)
        {
            var codes = new List<string>();
            string? cursor = null;
            do
            {
                var page = await _client.GetFromJsonAsync<JsonElement>($"{Path}?limit=1&archived={archived}{(cursor is null ? "" : $"&cursor={cursor}")}");
                codes.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("code").GetString()!));
                cursor = page.GetProperty("nextCursor").GetString();
            }
            while (cursor is not null);
            return [.. codes.Where(code => code.StartsWith(_code, StringComparison.Ordinal))];
        }
    }

    [Theory]
    [InlineData("UPDATE policy_versions SET reason = 'another'")]
    [InlineData("DELETE FROM policy_versions")]
    [InlineData("DELETE FROM policy_audit")]
    [InlineData("UPDATE policy_audit SET actor = 'somebody'")]
    [InlineData("UPDATE policy_audit SET reason = 'another'")]
    [InlineData("TRUNCATE policy_audit")]
    public async Task History_cannot_be_changed_even_in_the_database(string statement)
    {
        await SendAsync(HttpMethod.Post, "", Draft(_code, "user", 5, selector: Plan()), HttpStatusCode.Created);
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PolicyDbContext>();
#pragma warning disable EF1002 // The statements stand above.
        await Assert.ThrowsAsync<PostgresException>(() => db.Database.ExecuteSqlRawAsync(statement));
#pragma warning restore EF1002
    }

    internal static object Draft(string code, string scope, long maximum, string reason = "a test", object? selector = null) => new
    {
        code,
        reason,
        name = "A policy",
        scope,
        selector,
        document = new { limits = new[] { new { code = "daily", kind = "quota", unit = "llm.requests", maximum = $"{maximum}", window = "day" } } },
    };

    // A plan of its own for each test: policies of one class are in force together.
    private object Plan() => new { plans = new[] { _code } };

    private object Update(int version, long maximum) => new
    {
        version,
        reason = "another number",
        name = "A policy",
        scope = "user",
        selector = Plan(),
        document = new { limits = new[] { new { code = "daily", kind = "quota", unit = "llm.requests", maximum = $"{maximum}", window = "day" } } },
    };

    private static string? Maximum(JsonElement document) => document.GetProperty("limits")[0].GetProperty("maximum").GetString();

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, object body, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(method, Path + path) { Content = JsonContent.Create(body) };
        using var answer = await _client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(expected == answer.StatusCode, $"{answer.StatusCode}: {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }
}
