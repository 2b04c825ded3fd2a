using System.Net;
using System.Text.Json;
using BotGeneric.Billing.Data;
using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;

namespace BotGeneric.Billing.Tests.Operations;

/// <summary>What admins see of subscriptions and do about them.</summary>
public sealed class SubscriptionAdminTests(OperationsApplication application) : IClassFixture<OperationsApplication>
{
    [Fact]
    public async Task A_gift_entitles_at_once_is_given_once_and_can_be_ended()
    {
        await using var tap = await BrokerTap<SubscriptionChanged>.OpenAsync();
        var account = Guid.CreateVersion7();
        var body = new { accountId = account, planCode = "pro", reason = "A friend of the house", endsAt = "2099-01-01T00:00:00Z" };

        var given = await application.PostAsync("/api/admin/subscriptions/grants", body, HttpStatusCode.Created, idempotencyKey: $"gift-{account}");
        var repeated = await application.PostAsync("/api/admin/subscriptions/grants", body, HttpStatusCode.Created, idempotencyKey: $"gift-{account}");
        await application.PostAsync("/api/admin/subscriptions/grants", body, HttpStatusCode.Conflict);

        var id = Text(given, "id");
        Assert.Equal(id, Text(repeated, "id"));
        Assert.Equal(("active", "comped", true), (Text(given, "status"), Text(given, "source"), given.GetProperty("isPrimary").GetBoolean()));
        await application.DeleteAsync($"/api/admin/subscriptions/{id}?reason=No%20friend%20any%20more");
        await application.DeleteAsync($"/api/admin/subscriptions/{id}?reason=Again");
        await Eventually.GetAsync(
            () => Task.FromResult(tap.Events.Where(changed => changed.AccountId == account).OrderBy(changed => changed.Revision).ToArray()),
            told => told.Length == 2 && told[0].GrantsAccess && !told[1].GrantsAccess && told[0].Entitlements.Count == 1,
            "both states of the gift");
        var timeline = await application.GetAsync($"/api/admin/subscriptions/{id}/timeline");
        Assert.Equal(["subscription.gift_ended", "subscription.comped"], timeline.GetProperty("items").EnumerateArray().Select(entry => Text(entry, "what")));
        Assert.Equal("A friend of the house", Text(timeline.GetProperty("items")[1], "reason"));
    }

    [Fact]
    public async Task A_gift_in_the_past_of_no_plan_or_without_a_reason_is_refused()
    {
        var account = Guid.CreateVersion7();
        await application.PostAsync("/api/admin/subscriptions/grants", new { accountId = account, planCode = "none", reason = "x" }, HttpStatusCode.NotFound);
        await application.PostAsync("/api/admin/subscriptions/grants", new { accountId = account, planCode = "pro", reason = " " }, HttpStatusCode.BadRequest);
        await application.PostAsync(
            "/api/admin/subscriptions/grants", new { accountId = account, planCode = "pro", reason = "x", endsAt = "2020-01-01T00:00:00Z" }, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_payer_of_whom_nobody_knew_is_linked_and_the_account_has_what_was_paid_for()
    {
        await using var tap = await BrokerTap<SubscriptionChanged>.OpenAsync();
        var bought = await application.BuyAsync("team");
        var before = await application.SubscriptionAsync(bought);
        var unlinked = await application.GetAsync($"/api/admin/subscriptions?unlinked=true&search={Uri.EscapeDataString(bought.Email)}");
        var account = Guid.CreateVersion7();

        var linked = await application.PostAsync(
            $"/api/admin/paddle/customers/{bought.Customer}/link", new { accountId = account, reason = "Wrote to support" });

        Assert.False(before.GetProperty("isLinked").GetBoolean());
        Assert.Equal(Text(before, "id"), Text(Assert.Single(unlinked.GetProperty("items").EnumerateArray()), "id"));
        Assert.Equal(account.ToString(), Text(linked.GetProperty("subscriptions")[0], "accountId"));
        var detail = await application.GetAsync($"/api/admin/subscriptions/{Text(before, "id")}");
        Assert.Equal(account.ToString(), Text(detail.GetProperty("transactions")[0], "accountId"));
        Assert.Equal(bought.Email, Text(detail.GetProperty("customer"), "email"));
        Assert.Equal(("90.00", "USD"), (Text(detail.GetProperty("items")[0].GetProperty("unitPrice"), "amount"), "USD"));
        await Eventually.GetAsync(
            () => Task.FromResult(tap.Events.Count(changed => changed.AccountId == account && changed.GrantsAccess)), count => count > 0, "the subscription to be told");
        await application.PostAsync("/api/admin/paddle/customers/ctm_nobody/link", new { accountId = account, reason = "x" }, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_second_paid_subscription_is_shown_as_surplus_and_a_gift_is_not()
    {
        var (bought, second) = (await application.BuyAsync("team"), await application.BuyAsync("team"));
        var account = Guid.CreateVersion7();
        await application.PostAsync($"/api/admin/paddle/customers/{bought.Customer}/link", new { accountId = account, reason = "x" });
        await application.PostAsync($"/api/admin/paddle/customers/{second.Customer}/link", new { accountId = account, reason = "x" });
        var gift = await application.PostAsync(
            "/api/admin/subscriptions/grants", new { accountId = account, planCode = "pro", reason = "x" }, HttpStatusCode.Created);

        var surplus = await application.GetAsync($"/api/admin/subscriptions?account={account}&surplus=true");

        var others = await application.GetAsync($"/api/admin/subscriptions?account={account}&surplus=false");
        Assert.Contains(Text(Assert.Single(surplus.GetProperty("items").EnumerateArray()), "paddleId"), new[] { bought.Subscription, second.Subscription });
        Assert.Contains(others.GetProperty("items").EnumerateArray(), row => Text(row, "id") == Text(gift, "id"));
        Assert.Equal(2, (await application.GetAsync($"/api/admin/subscriptions?account={account}&source=paddle&status=active&plan=team")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_gift_to_an_account_of_which_nothing_was_heard_says_so()
    {
        var account = Guid.CreateVersion7();

        var first = await application.PostAsync(
            "/api/admin/subscriptions/grants", new { accountId = account, planCode = "pro", reason = "x" }, HttpStatusCode.Created);
        var second = await application.PostAsync(
            "/api/admin/subscriptions/grants", new { accountId = account, planCode = "team", reason = "x" }, HttpStatusCode.Created);

        Assert.Equal((false, true), (first.GetProperty("isAccountKnown").GetBoolean(), second.GetProperty("isAccountKnown").GetBoolean()));
        var read = await application.GetAsync($"/api/admin/subscriptions/{Text(first, "id")}");
        Assert.False(read.GetProperty("subscription").TryGetProperty("isAccountKnown", out _));
    }

    [Fact]
    public async Task Nothing_is_given_to_somebody_who_was_erased()
    {
        var account = Guid.CreateVersion7();
        await application.GetAsync("/api/admin/plans");
        await application.Services.EraseAsync<BillingDbContext>(account);

        var problem = await application.PostAsync(
            "/api/admin/subscriptions/grants", new { accountId = account, planCode = "pro", reason = "x" }, HttpStatusCode.Conflict);

        Assert.Contains("erased", Text(problem, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_over_is_changed_by_no_admin_either()
    {
        var bought = await application.BuyAsync("team");
        var path = $"/api/admin/subscriptions/{Text(await application.SubscriptionAsync(bought), "id")}";
        await application.PostAsync($"{path}/cancel", new { reason = "x", when = "now" });
        var gift = await application.PostAsync(
            "/api/admin/subscriptions/grants", new { accountId = Guid.CreateVersion7(), planCode = "pro", reason = "x" }, HttpStatusCode.Created);
        await application.DeleteAsync($"/api/admin/subscriptions/{Text(gift, "id")}?reason=x");

        foreach (var over in new[] { path, $"/api/admin/subscriptions/{Text(gift, "id")}" })
        {
            foreach (var action in new[] { "cancel", "pause", "resume", "undo" })
            {
                Assert.Equal("over", Text(await application.PostAsync($"{over}/{action}", new { reason = "x" }, HttpStatusCode.Conflict), "code"));
            }
        }
    }

    [Fact]
    public async Task A_timeline_has_events_and_payments_in_one_order_page_by_page()
    {
        var bought = await application.BuyAsync("team");
        await application.Paddle.CallAsync(HttpMethod.Post, $"subscriptions/{bought.Subscription}/cancel", new { effective_from = "next_billing_period" });
        await application.ReconcileAsync();
        var id = Text(await application.SubscriptionAsync(bought), "id");

        var whole = (await application.GetAsync($"/api/admin/subscriptions/{id}/timeline")).GetProperty("items").EnumerateArray().Select(entry => Text(entry, "id")).ToArray();
        var paged = new List<string?>();
        string? cursor = null;
        do
        {
            var page = await application.GetAsync($"/api/admin/subscriptions/{id}/timeline?limit=1{(cursor is null ? string.Empty : $"&cursor={cursor}")}");
            paged.AddRange(page.GetProperty("items").EnumerateArray().Select(entry => Text(entry, "id")));
            cursor = Text(page, "nextCursor");
        }
        while (cursor is not null);

        Assert.True(whole.Length >= 3);
        Assert.Contains(bought.Transaction, whole);
        Assert.Equal(whole, paged);
    }

    [Fact]
    public async Task A_paid_subscription_is_no_gift_that_could_be_ended()
    {
        var bought = await application.BuyAsync("team");
        var id = Text(await application.SubscriptionAsync(bought), "id");

        await application.DeleteAsync($"/api/admin/subscriptions/{id}?reason=x", HttpStatusCode.Conflict);
        await application.DeleteAsync($"/api/admin/subscriptions/{Guid.CreateVersion7()}?reason=x", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_admin_cancels_takes_it_back_and_is_remembered_with_the_reason()
    {
        var bought = await application.BuyAsync("team");
        var path = $"/api/admin/subscriptions/{Text(await application.SubscriptionAsync(bought), "id")}";

        await application.PostAsync($"{path}/cancel", new { reason = " " }, HttpStatusCode.BadRequest);
        var scheduled = await application.PostAsync($"{path}/cancel", new { reason = "Asked by mail" });
        var undone = await application.PostAsync($"{path}/undo", new { reason = "Changed their mind" });
        await application.PostAsync($"{path}/undo", new { reason = "x" }, HttpStatusCode.Conflict);
        var ended = await application.PostAsync($"{path}/cancel", new { reason = "Asked again", when = "now" });

        Assert.Equal("cancel", Text(scheduled.GetProperty("scheduledChange"), "action"));
        Assert.Equal(JsonValueKind.Null, undone.GetProperty("scheduledChange").ValueKind);
        Assert.Equal(("canceled", false), (Text(ended, "status"), ended.GetProperty("grantsAccess").GetBoolean()));
        var acts = (await application.GetAsync($"{path}/timeline")).GetProperty("items").EnumerateArray()
            .Where(entry => Text(entry, "kind") == "act").Select(entry => Text(entry, "reason")).ToArray();
        Assert.Contains("Asked by mail", acts);
        Assert.Contains("Changed their mind", acts);
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
