using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Billing.Tests.Shop;
using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Contracts.Identity;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Tests.Subscriptions;

public sealed class CurrentSubscriptionTests(ShopApplication application) : IClassFixture<ShopApplication>
{
    private const string Current = "/api/subscriptions/current";
    private readonly Guid _person = Guid.CreateVersion7();

    [Fact]
    public async Task Who_has_none_is_told_so()
    {
        var buyer = application.Buyer(_person);

        Assert.Equal(JsonValueKind.Null, (await ShopApplication.CurrentAsync(buyer)).ValueKind);
        await ShopApplication.PostAsync(buyer, $"{Current}/undo", null, HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("en", "Pro", "Active. The next payment is due on")]
    [InlineData("ru", "Про", "Активна. Следующий платёж:")]
    [InlineData("uk", "Pro", "Активна. Наступний платіж:")]
    public async Task What_was_bought_is_shown_in_the_readers_language(string language, string name, string summary)
    {
        var buyer = application.Buyer(_person);
        await application.BuyAsync(buyer);
        buyer.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);

        var current = await ShopApplication.CurrentAsync(buyer);

        Assert.Equal((name, "active", true), (current.GetProperty("planName").GetString(), current.GetProperty("status").GetString(), current.GetProperty("grantsAccess").GetBoolean()));
        Assert.StartsWith(summary, current.GetProperty("summary").GetString(), StringComparison.Ordinal);
        Assert.Equal(("30.00", "USD"), (current.GetProperty("price").GetProperty("amount").GetString(), current.GetProperty("price").GetProperty("currency").GetString()));
        Assert.Equal(2000, current.GetProperty("entitlements")[0].GetProperty("limit").GetInt64());
        Assert.Equal(["changePlan", "cancelAtPeriodEnd", "cancelNow", "pause", "updatePayment", "portal"], Actions(current));
    }

    [Fact]
    public async Task A_member_sees_the_state_and_can_change_nothing()
    {
        var organization = Guid.CreateVersion7();
        await application.BuyAsync(application.Buyer(_person, organization, "owner"));
        var member = application.Buyer(Guid.CreateVersion7(), organization, "member");

        var current = await ShopApplication.CurrentAsync(member);

        Assert.Equal("pro", current.GetProperty("planCode").GetString());
        Assert.Empty(Actions(current));
        foreach (var action in new[] { "undo", "activate", "portal" })
        {
            await ShopApplication.PostAsync(member, $"{Current}/{action}", null, HttpStatusCode.Forbidden);
        }

        await ShopApplication.PostAsync(member, $"{Current}/cancel", new { }, HttpStatusCode.Forbidden);
        await ShopApplication.PostAsync(member, $"{Current}/change", new { planCode = "light" }, HttpStatusCode.Forbidden);
        foreach (var path in new[] { $"{Current}/payment-method", "/api/billing/transactions", "/api/billing/payment-methods" })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await member.GetAsync(path)).StatusCode);
        }

        // The owner's own account has nothing of it.
        Assert.Equal(JsonValueKind.Null, (await ShopApplication.CurrentAsync(application.Buyer(_person))).ValueKind);
    }

    [Fact]
    public async Task Somebody_elses_subscription_cannot_be_named()
    {
        await application.BuyAsync(application.Buyer(_person));
        var id = (await ShopApplication.CurrentAsync(application.Buyer(_person))).GetProperty("id").GetGuid();
        var stranger = application.Buyer(Guid.CreateVersion7());

        await ShopApplication.PostAsync(stranger, $"{Current}/cancel?subscription={id}", new { when = "now" }, HttpStatusCode.NotFound);
        await ShopApplication.PostAsync(stranger, $"{Current}/portal?subscription={id}", null, HttpStatusCode.NotFound);

        Assert.Equal("active", (await ShopApplication.CurrentAsync(application.Buyer(_person))).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_cancellation_shows_at_once_and_can_be_taken_back()
    {
        var buyer = application.Buyer(_person);
        await application.BuyAsync(buyer);

        var canceled = await ShopApplication.PostAsync(buyer, $"{Current}/cancel", new { });
        var repeated = await ShopApplication.PostAsync(buyer, $"{Current}/cancel", new { when = "periodEnd" });

        Assert.Equal("cancel", canceled.GetProperty("scheduledChange").GetProperty("action").GetString());
        Assert.StartsWith("Canceled. It can be used until", canceled.GetProperty("summary").GetString(), StringComparison.Ordinal);
        Assert.Equal(canceled.GetRawText(), repeated.GetRawText());
        Assert.Contains("undo", Actions(canceled));
        Assert.DoesNotContain("changePlan", Actions(canceled));
        var refused = await ShopApplication.PostAsync(buyer, $"{Current}/pause", new { }, HttpStatusCode.Conflict);
        Assert.Equal("changeAhead", refused.GetProperty("code").GetString());

        var undone = await ShopApplication.PostAsync(buyer, $"{Current}/undo", null);

        Assert.Equal(JsonValueKind.Null, undone.GetProperty("scheduledChange").ValueKind);
        Assert.NotEqual(JsonValueKind.Null, undone.GetProperty("nextPaymentAt").ValueKind);
    }

    [Fact]
    public async Task The_delivery_that_follows_a_change_tells_nobody_anything_new()
    {
        await using var tap = await BrokerTap<SubscriptionChanged>.OpenAsync();
        var buyer = application.Buyer(_person);
        var subscription = await application.BuyAsync(buyer);
        await ShopApplication.PostAsync(buyer, $"{Current}/cancel", new { });

        await application.HearAsync(application.Paddle.Happen(subscription.Id, same => same));
        await ShopApplication.PostAsync(buyer, $"{Current}/undo", null);

        var told = await Eventually.GetAsync(
            () => Task.FromResult(tap.Events.Where(changed => changed.AccountId == _person).OrderBy(changed => changed.Revision).ToList()),
            events => events.Count > 1 && events[^1].ScheduledAction is null && events.Exists(changed => changed.ScheduledAction == "cancel"),
            "the undone cancellation");
        Assert.Single(told, changed => changed.ScheduledAction == "cancel");
    }

    [Fact]
    public async Task Who_did_what_is_noted()
    {
        var buyer = application.Buyer(_person);
        await application.BuyAsync(buyer);
        await ShopApplication.PostAsync(buyer, $"{Current}/cancel", new { when = "now" });

        var entry = await application.WithDbAsync(db => db.AuditEntries.SingleAsync(row => row.AccountId == _person));

        Assert.Equal(("subscription.cancelNow", _person.ToString()), (entry.Action, entry.Actor));
        Assert.Equal(JsonValueKind.Null, (await ShopApplication.CurrentAsync(buyer)).ValueKind);
    }

    [Fact]
    public async Task What_is_over_is_said_to_be_over_whatever_is_wanted_of_it()
    {
        var buyer = application.Buyer(_person);
        await application.BuyAsync(buyer);
        await ShopApplication.PostAsync(buyer, $"{Current}/cancel", new { when = "now" });

        var second = await ShopApplication.PostAsync(buyer, $"{Current}/cancel", new { when = "now" }, HttpStatusCode.Conflict);

        Assert.Equal("over", second.GetProperty("code").GetString());
        Assert.Contains("is over", second.GetProperty("detail").GetString(), StringComparison.Ordinal);
        await RefusedAsync(buyer, "cancel", new { }, "over");
        await RefusedAsync(buyer, "undo", null, "over");
        await RefusedAsync(buyer, "pause", new { }, "over");
        await RefusedAsync(buyer, "resume", new { }, "over");
        await RefusedAsync(buyer, "activate", null, "over");
        await RefusedAsync(buyer, "change", new { planCode = "light" }, "over");
        await RefusedAsync(buyer, "preview-change", new { planCode = "light" }, "over");
        using var method = await buyer.GetAsync($"{Current}/payment-method");
        Assert.Equal(HttpStatusCode.Conflict, method.StatusCode);
        await ShopApplication.PostAsync(buyer, $"{Current}/cancel?product=side", new { }, HttpStatusCode.NotFound);
        await ShopApplication.PostAsync(application.Buyer(Guid.CreateVersion7()), $"{Current}/cancel", new { }, HttpStatusCode.NotFound);
        await application.BuyAsync(buyer, "light");
        Assert.Equal("cancel", (await ShopApplication.PostAsync(buyer, $"{Current}/cancel", new { })).GetProperty("scheduledChange").GetProperty("action").GetString());
    }

    [Fact]
    public async Task While_a_payment_is_missing_only_paying_and_ending_are_possible()
    {
        var buyer = application.Buyer(_person);
        var subscription = await application.BuyAsync(buyer);
        await application.HearAsync(application.Paddle.Happen(subscription.Id, before => before with { Status = "past_due" }));

        var current = await ShopApplication.CurrentAsync(buyer);

        Assert.Equal(["cancelNow", "updatePayment", "portal"], Actions(current));
        Assert.True(current.GetProperty("grantsAccess").GetBoolean());
        Assert.StartsWith("A payment is missing. It can be used until", current.GetProperty("summary").GetString(), StringComparison.Ordinal);
        await RefusedAsync(buyer, "change", new { planCode = "light" }, "pastDue");
        await RefusedAsync(buyer, "pause", new { }, "pastDue");
        await RefusedAsync(buyer, "cancel", new { }, "onlyNow");
        using var link = await buyer.GetAsync($"{Current}/payment-method");
        Assert.True(link.Headers.CacheControl?.NoStore);
        Assert.StartsWith("https://shop.example/pay", (await link.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("url").GetString(), StringComparison.Ordinal);
        var ended = await ShopApplication.PostAsync(buyer, $"{Current}/cancel", new { when = "now" });
        Assert.Equal("canceled", ended.GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_pause_begins_with_the_end_of_the_period_and_can_be_ended()
    {
        var buyer = application.Buyer(_person);
        var subscription = await application.BuyAsync(buyer);
        var resumeAt = application.Clock.GetUtcNow().AddDays(60);
        await ShopApplication.PostAsync(buyer, $"{Current}/pause", new { resumeAt = application.Clock.GetUtcNow() }, HttpStatusCode.BadRequest);

        var ahead = await ShopApplication.PostAsync(buyer, $"{Current}/pause", new { resumeAt });

        Assert.Equal(("pause", "active"), (ahead.GetProperty("scheduledChange").GetProperty("action").GetString(), ahead.GetProperty("status").GetString()));
        await application.HearAsync(application.Paddle.Happen(
            subscription.Id, before => before with { Status = "paused", PausedAt = application.Clock.GetUtcNow(), ScheduledChange = null, CurrentBillingPeriod = null }));
        var paused = await ShopApplication.CurrentAsync(buyer);
        Assert.Equal((false, "paused"), (paused.GetProperty("grantsAccess").GetBoolean(), paused.GetProperty("status").GetString()));
        Assert.Equal(["changePlan", "cancelNow", "resume", "portal"], Actions(paused));
        var resumed = await ShopApplication.PostAsync(buyer, $"{Current}/resume", new { });
        Assert.Equal("active", resumed.GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_trial_can_be_ended_by_paying()
    {
        var buyer = application.Buyer(_person);
        await application.BuyAsync(buyer, "try");
        Assert.Equal("trialing", (await ShopApplication.CurrentAsync(buyer)).GetProperty("status").GetString());

        var active = await ShopApplication.PostAsync(buyer, $"{Current}/activate", null);

        Assert.Equal("active", active.GetProperty("status").GetString());
        await RefusedAsync(buyer, "activate", null, "notTrialing");
    }

    [Fact]
    public async Task A_lost_answer_to_a_cancellation_is_settled_by_looking_again()
    {
        var buyer = application.Buyer(_person);
        await application.BuyAsync(buyer);
        application.Paddle.Fail(Fault.AnswerLost);

        var canceled = await ShopApplication.PostAsync(buyer, $"{Current}/cancel", new { });

        Assert.Equal("cancel", canceled.GetProperty("scheduledChange").GetProperty("action").GetString());
    }

    [Fact]
    public async Task A_cancellation_that_got_lost_is_said_to_be_unknown_and_changes_nothing()
    {
        var buyer = application.Buyer(_person);
        await application.BuyAsync(buyer);
        application.Paddle.Fail(Fault.Lost);

        var problem = await ShopApplication.PostAsync(buyer, $"{Current}/cancel", new { }, HttpStatusCode.ServiceUnavailable);

        Assert.EndsWith("payment-outcome-unknown", problem.GetProperty("type").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, (await ShopApplication.CurrentAsync(buyer)).GetProperty("scheduledChange").ValueKind);
    }

    [Fact]
    public async Task What_Paddle_refuses_shows_afterwards_as_it_is_there()
    {
        var buyer = application.Buyer(_person);
        var subscription = await application.BuyAsync(buyer);
        // Nothing of this was delivered.
        application.Paddle.Happen(subscription.Id, before => before with { Status = "canceled", CanceledAt = application.Clock.GetUtcNow(), CurrentBillingPeriod = null });

        var problem = await ShopApplication.PostAsync(buyer, $"{Current}/cancel", new { }, HttpStatusCode.Conflict);

        Assert.Equal("subscription_is_canceled_action_invalid", problem.GetProperty("code").GetString());
        Assert.Equal(JsonValueKind.Null, (await ShopApplication.CurrentAsync(buyer)).ValueKind);
    }

    [Fact]
    public async Task To_see_is_not_to_change()
    {
        await application.BuyAsync(application.Buyer(_person));
        var reader = application.CreateClientFor(_person, null, null, ApiScopes.BillingRead);

        await ShopApplication.PostAsync(reader, $"{Current}/cancel", new { }, HttpStatusCode.Forbidden);
    }

    private static List<string> Actions(JsonElement subscription) => [.. subscription.GetProperty("actions").EnumerateArray().Select(action => action.GetString()!)];

    private static async Task RefusedAsync(HttpClient buyer, string action, object? body, string code)
    {
        var problem = await ShopApplication.PostAsync(buyer, $"{Current}/{action}", body, HttpStatusCode.Conflict);
        Assert.Equal(code, problem.GetProperty("code").GetString());
    }
}
