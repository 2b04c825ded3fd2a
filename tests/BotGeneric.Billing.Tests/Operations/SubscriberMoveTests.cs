using System.Net;
using System.Text.Json;
using BotGeneric.Billing.Tests.Mirror;

namespace BotGeneric.Billing.Tests.Operations;

/// <summary>Admins move subscribers to the present version of their plan.</summary>
public sealed class SubscriberMoveTests(OperationsApplication application) : IClassFixture<OperationsApplication>
{
    [Fact]
    public async Task Subscribers_are_moved_to_the_present_terms_once()
    {
        var code = $"p{Guid.CreateVersion7():N}"[..20];
        await application.PutAsync($"/api/admin/plans/{code}", Terms(10));
        var account = Guid.CreateVersion7();
        var gift = await application.PostAsync(
            "/api/admin/subscriptions/grants", new { accountId = account, planCode = code, reason = "x" }, HttpStatusCode.Created);
        var changed = await application.PutAsync($"/api/admin/plans/{code}", Terms(20));

        var path = $"/api/admin/plans/{code}/move-subscribers";
        var planned = await application.PostAsync(path, new { reason = "New terms", dryRun = true });
        var held = await LimitAsync(gift);
        var moved = await application.PostAsync(path, new { reason = "New terms" });
        var again = await application.PostAsync(path, new { reason = "New terms" });

        Assert.Equal(1, changed.GetProperty("subscribers")[0].GetProperty("subscribers").GetInt32());
        Assert.Equal(1, planned.GetProperty("moved")[0].GetProperty("subscribers").GetInt32());
        Assert.Equal(10, held);
        Assert.Equal((1, 0), (moved.GetProperty("moved").GetArrayLength(), again.GetProperty("moved").GetArrayLength()));
        Assert.Equal(20, await LimitAsync(gift));
        var versions = await application.GetAsync($"/api/admin/plans/{code}/versions");
        Assert.Equal([2, 1], versions.GetProperty("items").EnumerateArray().Select(version => version.GetProperty("version").GetInt32()));
    }

    [Fact]
    public async Task Who_has_a_version_that_was_made_meanwhile_keeps_it()
    {
        var code = $"p{Guid.CreateVersion7():N}"[..20];
        await application.PutAsync($"/api/admin/plans/{code}", Terms(10));
        var early = await application.PostAsync(
            "/api/admin/subscriptions/grants", new { accountId = Guid.CreateVersion7(), planCode = code, reason = "x" }, HttpStatusCode.Created);
        await application.PutAsync($"/api/admin/plans/{code}", Terms(20));
        await application.PutAsync($"/api/admin/plans/{code}", Terms(30));
        var late = await application.PostAsync(
            "/api/admin/subscriptions/grants", new { accountId = Guid.CreateVersion7(), planCode = code, reason = "x" }, HttpStatusCode.Created);

        // As whoever has read the plan before its last version was made.
        await application.ExecuteAsync($"UPDATE plans SET version = 2 WHERE code = '{code}'");
        var moved = await application.PostAsync($"/api/admin/plans/{code}/move-subscribers", new { reason = "New terms" });

        Assert.Equal(1, Assert.Single(moved.GetProperty("moved").EnumerateArray()).GetProperty("version").GetInt32());
        Assert.Equal((2, 3), (await VersionAsync(early), await VersionAsync(late)));
        Assert.Equal(30, await LimitAsync(late));
    }

    [Theory]
    [InlineData(2, HttpStatusCode.OK)]
    [InlineData(int.MaxValue, HttpStatusCode.Conflict)]
    public async Task Who_meets_somebody_else_while_subscribers_are_moved_tries_again_and_counts_nobody_twice(int times, HttpStatusCode expected)
    {
        var code = $"p{Guid.CreateVersion7():N}"[..20];
        await application.PutAsync($"/api/admin/plans/{code}", Terms(10));
        var gift = await application.PostAsync(
            "/api/admin/subscriptions/grants", new { accountId = Guid.CreateVersion7(), planCode = code, reason = "x" }, HttpStatusCode.Created);
        await application.PutAsync($"/api/admin/plans/{code}", Terms(20));
        await using var trouble = await Trouble.BeginAsync(
            application.Database.ConnectionString, "subscriptions", $"NEW.plan_code = '{code}'", Trouble.Deadlock, times);

        var answer = await application.PostAsync($"/api/admin/plans/{code}/move-subscribers", new { reason = "New terms" }, expected);

        Assert.Equal(expected == HttpStatusCode.OK ? 20 : 10, await LimitAsync(gift));
        if (expected == HttpStatusCode.OK)
        {
            Assert.Equal(1, Assert.Single(answer.GetProperty("moved").EnumerateArray()).GetProperty("subscribers").GetInt32());
        }
        else
        {
            Assert.Contains("Send it again", Text(answer, "detail"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Who_gets_later_terms_while_subscribers_are_moved_keeps_them()
    {
        var code = $"p{Guid.CreateVersion7():N}"[..20];
        await application.PutAsync($"/api/admin/plans/{code}", Terms(10));
        var early = await GiveAsync(code);
        await application.PutAsync($"/api/admin/plans/{code}", Terms(20));
        await using var hold = await DatabaseHold.TakeAsync(
            application.Database, "l.locktype IN ('transactionid', 'tuple')", $"BEGIN; SELECT 1 FROM subscriptions WHERE id = '{Text(early, "id")}' FOR UPDATE");
        var moving = application.PostAsync($"/api/admin/plans/{code}/move-subscribers", new { reason = "New terms" });
        await hold.StoppedAsync();
        await application.PutAsync($"/api/admin/plans/{code}", Terms(30));
        var late = await GiveAsync(code);
        await hold.LetGoAsync();

        var moved = await moving;

        Assert.Equal((2, 1), (moved.GetProperty("version").GetInt32(), moved.GetProperty("moved").GetArrayLength()));
        Assert.Equal((20L, 30L), (await LimitAsync(early), await LimitAsync(late)));
    }

    private Task<JsonElement> GiveAsync(string code) => application.PostAsync(
        "/api/admin/subscriptions/grants", new { accountId = Guid.CreateVersion7(), planCode = code, reason = "x" }, HttpStatusCode.Created);

    private static object Terms(int limit) => new
    {
        name = new { en = "Another" },
        visibility = "hidden",
        entitlements = new[] { new { meter = "llm.requests", window = "day", limit } },
    };

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private async Task<int> VersionAsync(JsonElement gift) =>
        (await application.GetAsync($"/api/admin/subscriptions/{Text(gift, "id")}")).GetProperty("subscription").GetProperty("planVersion").GetInt32();

    private async Task<long> LimitAsync(JsonElement gift)
    {
        var read = await application.GetAsync($"/api/admin/subscriptions/{Text(gift, "id")}");
        return read.GetProperty("subscription").GetProperty("entitlements")[0].GetProperty("limit").GetInt64();
    }
}
