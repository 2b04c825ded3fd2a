using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Policy.Data;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Policy.Tests;

/// <summary>Admins set what holds for one account, and see why what holds holds.</summary>
public sealed class AccountRulesTests(PolicyApplication application) : IClassFixture<PolicyApplication>
{
    private const string Path = "/api/admin/policies";

    private readonly HttpClient _client = application.CreateOperatorClient();
    private readonly Guid _account = Guid.CreateVersion7();

    [Fact]
    public async Task An_override_holds_until_it_is_taken_back_and_says_where_the_limit_comes_from()
    {
        var created = await PostAsync("/overrides", new { account = _account, limit = "plan:llm.requests:day", maximum = "77", reason = "a good customer" }, HttpStatusCode.Created);
        var raised = Limit(await EffectiveAsync());
        var id = created.GetProperty("id").GetGuid();
        await PostAsync($"/overrides/{id}/revoke", new { reason = "not any more" }, HttpStatusCode.OK);
        await PostAsync($"/overrides/{id}/revoke", new { reason = "not any more" }, HttpStatusCode.OK);
        var lowered = Limit(await EffectiveAsync());

        Assert.Equal(("77", "50", id), (raised.GetProperty("maximum").GetString(), raised.GetProperty("withoutOverride").GetString(), raised.GetProperty("overrideId").GetGuid()));
        Assert.Equal("50", lowered.GetProperty("maximum").GetString());
        Assert.Empty((await GetAsync($"/overrides?account={_account}")).GetProperty("items").EnumerateArray());
        Assert.Single((await GetAsync($"/overrides?account={_account}&revoked=true")).GetProperty("items").EnumerateArray());
        Assert.Equal(["override.revoked", "override.created"], (await GetAsync($"/audit?account={_account}")).GetProperty("items").EnumerateArray().Select(entry => entry.GetProperty("action").GetString()));
    }

    [Fact]
    public async Task Without_a_limit_there_is_none()
    {
        await PostAsync("/overrides", new { account = _account, limit = "plan:llm.requests:day", unlimited = true, reason = "a friend" }, HttpStatusCode.Created);
        var effective = await EffectiveAsync();
        Assert.DoesNotContain("plan:llm.requests:day", effective.GetProperty("limits").EnumerateArray().Select(limit => limit.GetProperty("code").GetString()));
        Assert.Equal("plan:llm.requests:day", Assert.Single(effective.GetProperty("leftOut").EnumerateArray()).GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("plan:llm.requests:year", "1", null, null, "/limit")]
    [InlineData("nobody/knows", "1", null, null, "/limit")]
    [InlineData("plan:llm.requests:day", "-1", null, null, "/maximum")]
    [InlineData("plan:llm.requests:day", "1.5", null, null, "/maximum")]
    [InlineData("plan:llm.requests:day", null, null, null, "/maximum")]
    [InlineData("plan:llm.requests:day", "1", "0192f0c1-2345-7abc-8def-0123456789ab", null, "/user")]
    [InlineData("plan:llm.requests:day", "1", null, "k1", "/key")]
    public async Task An_override_that_fits_nothing_is_refused(string limit, string? maximum, string? user, string? key, string place)
    {
        var answer = await PostAsync("/overrides", new { account = _account, limit, maximum, user, key, reason = "a test" }, HttpStatusCode.BadRequest);
        Assert.Contains(place, answer.GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }

    [Fact]
    public async Task A_credit_is_given_once_for_each_source_and_what_is_left_can_be_taken_back()
    {
        var grant = new { account = _account, unit = "USD", amount = "12.50", reason = "an apology", source = "ticket-7" };
        var created = await PostAsync("/grants", grant, HttpStatusCode.Created);
        await PostAsync("/grants", grant, HttpStatusCode.Conflict);
        var given = (await EffectiveAsync()).GetProperty("grants").EnumerateArray().ToList();
        await PostAsync($"/grants/{created.GetProperty("id").GetGuid()}/revoke", new { reason = "a mistake" }, HttpStatusCode.OK);

        Assert.Equal("12.5", Assert.Single(given).GetProperty("amount").GetString());
        Assert.Empty((await EffectiveAsync()).GetProperty("grants").EnumerateArray());
    }

    [Theory]
    [InlineData("USD", "0")]
    [InlineData("USD", "0.0000000001")]
    [InlineData("llm.requests", "0.5")]
    [InlineData("Euro", "1")]
    public async Task A_credit_of_nothing_or_of_no_unit_is_refused(string unit, string amount) =>
        await PostAsync("/grants", new { account = _account, unit, amount, reason = "a test" }, HttpStatusCode.BadRequest);

    [Fact]
    public async Task A_ban_holds_and_is_lifted_and_needs_a_recent_sign_in()
    {
        using var stale = application.CreateClientWith(TestToken.Operator with { SignedInAgo = TimeSpan.FromHours(1) });
        var body = new { standing = "banned", reason = "spam", until = DateTimeOffset.UnixEpoch.AddYears(100) };
        using var refused = await stale.PutAsJsonAsync($"{Path}/states/{_account}", body);
        using var set = await _client.PutAsJsonAsync($"{Path}/states/{_account}", body);
        using var repeated = await _client.PutAsJsonAsync($"{Path}/states/{_account}", body with { reason = "more spam" });
        var banned = await EffectiveAsync();
        var member = await GetAsync($"/effective?account={Guid.CreateVersion7()}&user={_account}");
        await PostAsync($"/states/{_account}/lift", new { standing = "banned", reason = "a mistake" }, HttpStatusCode.NoContent);
        await PostAsync($"/states/{_account}/lift", new { standing = "banned", reason = "a mistake" }, HttpStatusCode.NotFound);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK, HttpStatusCode.OK), (refused.StatusCode, set.StatusCode, repeated.StatusCode));
        Assert.Equal(("banned", "banned"), (banned.GetProperty("standing").GetString(), member.GetProperty("standing").GetString()));
        Assert.Equal("active", (await EffectiveAsync()).GetProperty("standing").GetString());
    }

    [Fact]
    public async Task That_a_person_was_deleted_cannot_be_lifted()
    {
        await application.Services.EraseAsync<PolicyDbContext>(_account);
        await PostAsync($"/states/{_account}/lift", new { standing = "deleted", reason = "a mistake" }, HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_deleted_person_leaves_only_that_there_was_one()
    {
        await PostAsync("/overrides", new { account = _account, limit = "plan:llm.requests:day", maximum = "77", reason = "lives next door" }, HttpStatusCode.Created);
        await PostAsync("/grants", new { account = _account, unit = "USD", amount = "1", reason = "lives next door" }, HttpStatusCode.Created);

        await application.Services.EraseAsync<PolicyDbContext>(_account);
        await application.Services.EraseAsync<PolicyDbContext>(_account);

        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PolicyDbContext>();
        Assert.False(await db.LimitOverrides.AnyAsync(row => row.AccountId == _account));
        Assert.False(await db.Grants.AnyAsync(row => row.AccountId == _account));
        Assert.Equal([(null, null), (null, null)], (await db.PolicyAudit.Where(row => row.AccountId == _account).ToListAsync()).Select(row => (row.Reason, row.Details)));
        Assert.Equal("deleted", (await EffectiveAsync()).GetProperty("standing").GetString());
    }

    [Fact]
    public async Task What_was_set_for_an_account_follows_it_into_another()
    {
        var kept = Guid.CreateVersion7();
        foreach (var account in (Guid[])[_account, kept])
        {
            await PostAsync("/grants", new { account, unit = "USD", amount = "1", reason = "welcome", source = "welcome" }, HttpStatusCode.Created);
        }

        await PostAsync("/overrides", new { account = _account, limit = "plan:llm.requests:day", maximum = "77", reason = "a test" }, HttpStatusCode.Created);
        using var banned = await _client.PutAsJsonAsync($"{Path}/states/{_account}", new { standing = "banned", reason = "spam" });

        await application.Services.MergeAsync<PolicyDbContext>(_account, kept);
        await application.Services.MergeAsync<PolicyDbContext>(_account, kept);
        var late = await PostAsync("/grants", new { account = _account, unit = "USD", amount = "2", reason = "late" }, HttpStatusCode.Created);

        var effective = await GetAsync($"/effective?account={kept}");
        Assert.Equal(("77", "banned", 3), (Limit(effective).GetProperty("maximum").GetString(), effective.GetProperty("standing").GetString(), effective.GetProperty("grants").GetArrayLength()));
        Assert.Equal(kept, late.GetProperty("account").GetGuid());
        Assert.Equal("active", (await EffectiveAsync()).GetProperty("standing").GetString());
    }

    private static JsonElement Limit(JsonElement effective) =>
        effective.GetProperty("limits").EnumerateArray().Single(limit => limit.GetProperty("code").GetString() == "plan:llm.requests:day");

    private Task<JsonElement> EffectiveAsync() => GetAsync($"/effective?account={_account}");

    private Task<JsonElement> GetAsync(string path) => _client.GetFromJsonAsync<JsonElement>(Path + path);

    private async Task<JsonElement> PostAsync(string path, object body, HttpStatusCode expected)
    {
        using var answer = await _client.PostAsJsonAsync(Path + path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(expected == answer.StatusCode, $"{answer.StatusCode}: {text}");
        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }
}
