using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Npgsql;

namespace BotGeneric.Billing.Tests;

public sealed class PaddleWebhookTests(BillingApplication application) : IClassFixture<BillingApplication>
{
    private readonly HttpClient _client = application.CreateOperatorClient();

    [Fact]
    public async Task A_signed_subscription_becomes_an_inbox_row_a_subscription_and_one_event()
    {
        await using var tap = await BrokerTap<SubscriptionChanged>.OpenAsync();
        var account = Guid.CreateVersion7();
        var body = BillingApplication.SubscriptionEvent("sub_flow", type: "subscription.created", customData: BillingApplication.CustomDataFor(account));

        Assert.Equal(HttpStatusCode.OK, await DeliverAsync(body));
        Assert.Equal(HttpStatusCode.OK, await DeliverAsync(body));

        var subscription = await SubscriptionAsync(account, found => found.GetProperty("status").GetString() == "active");
        Assert.Equal("pro", subscription.GetProperty("planCode").GetString());
        Assert.True(subscription.GetProperty("grantsAccess").GetBoolean());
        var heard = await Eventually.GetAsync(
            () => Task.FromResult(tap.Events.Where(changed => changed.AccountId == account).ToList()), events => events.Count > 0, "SubscriptionChanged");
        Assert.Equal(new Entitlement("llm.requests", "day", 1000), Assert.Single(Assert.Single(heard).Entitlements));
        Assert.Equal("Applied", Assert.Single(await InboxAsync("sub_flow")));
    }

    [Fact]
    public async Task News_that_is_older_than_what_is_known_changes_nothing()
    {
        var account = Guid.CreateVersion7();
        var custom = BillingApplication.CustomDataFor(account);
        var now = TimeProvider.System.GetUtcNow();
        await DeliverAsync(BillingApplication.SubscriptionEvent("sub_order", "canceled", "subscription.canceled", now, customData: custom));
        await SubscriptionAsync(account, found => found.GetProperty("status").GetString() == "canceled");

        await DeliverAsync(BillingApplication.SubscriptionEvent("sub_order", "active", "subscription.created", now.AddHours(-1), customData: custom));

        await Eventually.GetAsync(() => InboxAsync("sub_order"), states => states.Contains("Superseded"), "the older event to be settled");
        var subscription = await SubscriptionAsync(account, _ => true);
        Assert.Equal("canceled", subscription.GetProperty("status").GetString());
        Assert.False(subscription.GetProperty("grantsAccess").GetBoolean());
    }

    [Fact]
    public async Task Many_events_that_wait_for_one_payer_keep_those_of_others_from_nothing()
    {
        var (busy, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await using var connection = new NpgsqlConnection(application.Database.ConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var take = new NpgsqlCommand("SELECT pg_advisory_xact_lock(x'70617965'::int, hashtext('ctm_busy'))", connection, transaction))
        {
            await take.ExecuteNonQueryAsync();
        }

        // A purchase has about twelve, three for each worker.
        var custom = BillingApplication.CustomDataFor(busy);
        for (var number = 0; number < 12; number++)
        {
            await DeliverAsync(BillingApplication.SubscriptionEvent("sub_busy", customer: "ctm_busy", customData: custom));
        }

        await DeliverAsync(BillingApplication.SubscriptionEvent("sub_free", customer: "ctm_free", customData: BillingApplication.CustomDataFor(other)));

        await SubscriptionAsync(other, found => found.GetProperty("status").GetString() == "active");
        Assert.Equal(Enumerable.Repeat("Pending", 12), await InboxAsync("sub_busy"));
        await transaction.CommitAsync();
        await SubscriptionAsync(busy, found => found.GetProperty("status").GetString() == "active");
        await Eventually.GetAsync(() => InboxAsync("sub_busy"), states => !states.Contains("Pending"), "all of them to be applied");
    }

    [Fact]
    public async Task A_delivery_of_an_event_that_is_worked_at_is_answered_at_once()
    {
        var body = BillingApplication.SubscriptionEvent("sub_at_work", type: "report.created");
        await DeliverAsync(body);
        await Eventually.GetAsync(() => InboxAsync("sub_at_work"), states => states.SequenceEqual(["Ignored"]), "the event to be ignored");
        await using var connection = new NpgsqlConnection(application.Database.ConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var take = new NpgsqlCommand("UPDATE paddle_inbox SET attempts = 0 WHERE body LIKE '%sub_at_work%'", connection, transaction))
        {
            Assert.Equal(1, await take.ExecuteNonQueryAsync());
        }

        // Paddle waits for five seconds.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        using var answer = await _client.SendAsync(BillingApplication.Delivery(body), patience.Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Without_a_reference_nothing_is_an_accounts_whoever_has_paid_and_whatever_the_browser_attached()
    {
        var (account, victim) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await DeliverAsync(BillingApplication.SubscriptionEvent("sub_first", customer: "ctm_same", customData: BillingApplication.CustomDataFor(account)));
        await SubscriptionAsync(account, _ => true);

        await DeliverAsync(BillingApplication.SubscriptionEvent("sub_second", customer: "ctm_same", customData: $$"""{ "accountId": "{{victim}}" }"""));
        await DeliverAsync(BillingApplication.SubscriptionEvent("sub_stranger", customData: $$"""{ "accountId": "{{victim}}", "reference": "c1_forged" }"""));

        await Eventually.GetAsync(() => InboxAsync("sub_second"), states => states.SequenceEqual(["Applied"]), "the payer's other event to be applied");
        Assert.Equal("sub_first", Assert.Single(await SubscriptionsAsync(account)).GetProperty("paddleId").GetString());
        await Eventually.GetAsync(() => InboxAsync("sub_stranger"), states => states.SequenceEqual(["Applied"]), "the stranger's event to be applied");
        Assert.Empty(await SubscriptionsAsync(victim));
    }

    [Fact]
    public async Task A_price_of_no_plan_is_kept_and_grants_nothing()
    {
        var account = Guid.CreateVersion7();
        await DeliverAsync(BillingApplication.SubscriptionEvent(
            "sub_unknown_price", price: "pri_nobody", customData: BillingApplication.CustomDataFor(account)));

        var subscription = await SubscriptionAsync(account, _ => true);

        Assert.Equal(JsonValueKind.Null, subscription.GetProperty("planCode").ValueKind);
        Assert.Empty(subscription.GetProperty("entitlements").EnumerateArray());
    }

    [Fact]
    public async Task What_was_paid_before_a_plan_named_the_price_counts_once_one_does()
    {
        await using var tap = await BrokerTap<SubscriptionChanged>.OpenAsync();
        var account = Guid.CreateVersion7();
        await DeliverAsync(BillingApplication.SubscriptionEvent(
            "sub_early", price: "pri_early", customData: BillingApplication.CustomDataFor(account)));
        await SubscriptionAsync(account, _ => true);

        var answer = await _client.PutAsJsonAsync("/api/admin/plans/early", new
        {
            name = new { en = "Early" },
            entitlements = new[] { new { meter = "llm.requests", window = "day", limit = 7 } },
            prices = new[] { new { amount = 9.99m, currency = "USD", paddlePriceId = "pri_early" } },
        });

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("early", (await SubscriptionAsync(account, _ => true)).GetProperty("planCode").GetString());
        var heard = await Eventually.GetAsync(
            () => Task.FromResult(tap.Events.Where(changed => changed.AccountId == account).OrderBy(changed => changed.Revision).ToList()),
            events => events.Count == 2, "both changes");
        Assert.Equal([null, "early"], heard.Select(changed => changed.PlanCode));
    }

    [Fact]
    public async Task A_type_that_nothing_depends_on_is_stored_and_ignored()
    {
        Assert.Equal(HttpStatusCode.OK, await DeliverAsync(BillingApplication.SubscriptionEvent("sub_ignored", type: "report.created")));

        await Eventually.GetAsync(() => InboxAsync("sub_ignored"), states => states.SequenceEqual(["Ignored"]), "the event to be ignored");
    }

    [Fact]
    public async Task An_event_that_cannot_be_applied_is_tried_again_later_and_an_admin_sees_why()
    {
        const string eventId = "evt_without_items";
        Assert.Equal(HttpStatusCode.OK, await DeliverAsync(
            $$$"""{ "event_id": "{{{eventId}}}", "event_type": "subscription.updated", "occurred_at": "2026-01-01T00:00:00Z", "data": { "id": "sub_x" } }"""));

        var failed = await Eventually.GetAsync(
            async () => (await _client.GetFromJsonAsync<JsonElement>("/api/admin/paddle/events?status=pending")).GetProperty("items").EnumerateArray()
                .SingleOrDefault(row => row.GetProperty("eventId").GetString() == eventId && row.GetProperty("attempts").GetInt32() > 0),
            row => row.ValueKind == JsonValueKind.Object,
            "a failed attempt");

        Assert.Contains("status", failed.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Accepted, (await _client.PostAsync($"/api/admin/paddle/events/{eventId}/replay", null)).StatusCode);
    }

    [Fact]
    public async Task An_applied_event_cannot_be_replayed()
    {
        var account = Guid.CreateVersion7();
        await DeliverAsync(BillingApplication.SubscriptionEvent("sub_done", eventId: "evt_done", customData: BillingApplication.CustomDataFor(account)));
        await SubscriptionAsync(account, _ => true);

        Assert.Equal(HttpStatusCode.Conflict, (await _client.PostAsync("/api/admin/paddle/events/evt_done/replay", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _client.PostAsync("/api/admin/paddle/events/evt_none/replay", null)).StatusCode);
    }

    [Fact]
    public async Task A_wrong_or_old_signature_is_refused_and_nothing_is_stored()
    {
        var body = BillingApplication.SubscriptionEvent("sub_refused");

        Assert.Equal(HttpStatusCode.Unauthorized, (await _client.SendAsync(BillingApplication.Delivery(body, secret: "pdl_ntfset_wrong"))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _client.SendAsync(
            BillingApplication.Delivery(body, TimeProvider.System.GetUtcNow().AddMinutes(-6)))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _client.PostAsync("/webhooks/paddle", new StringContent(body))).StatusCode);

        Assert.Empty(await InboxAsync("sub_refused"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{ \"event_id\": \"\" }")]
    [InlineData("{ \"event_id\": \"e\", \"event_type\": \"t\", \"occurred_at\": \"yesterday\", \"data\": {} }")]
    [InlineData("{ \"event_id\": \"e\", \"event_type\": \"t\", \"occurred_at\": \"2026-01-01T00:00:00Z\", \"data\": 1 }")]
    public async Task A_signed_body_that_is_no_notification_is_a_bad_request(string body) =>
        Assert.Equal(HttpStatusCode.BadRequest, await DeliverAsync(body));

    [Fact]
    public async Task A_signed_body_that_is_no_text_is_a_bad_request()
    {
        byte[] body = [.. Encoding.UTF8.GetBytes("""{ "event_id": "e_utf8", "event_type": "t", "occurred_at": "2026-01-01T00:00:00Z", "data": { "a": """ + "\""), 0xC3, 0x28, .. "\" } }"u8];

        Assert.Equal(HttpStatusCode.BadRequest, (await _client.SendAsync(BillingApplication.Delivery(body))).StatusCode);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_with_and_without_its_size()
    {
        var body = Encoding.UTF8.GetBytes(BillingApplication.SubscriptionEvent("sub_large", customData: $"\"{new string('x', 2 * 1024 * 1024)}\""));
        using var told = BillingApplication.Delivery(body);
        using var chunked = BillingApplication.Delivery(body);
        chunked.Headers.TransferEncodingChunked = true;
        chunked.Content!.Headers.ContentLength = null;

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await _client.SendAsync(told)).StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await _client.SendAsync(chunked)).StatusCode);
        Assert.Empty(await InboxAsync("sub_large"));
    }

    [Fact]
    public async Task A_body_just_below_the_limit_is_taken()
    {
        var filler = new string('x', (2 * 1024 * 1024) - 2048);

        Assert.Equal(HttpStatusCode.OK, await DeliverAsync(
            BillingApplication.SubscriptionEvent("sub_almost_large", type: "report.created", customData: $"\"{filler}\"")));
    }

    [Fact]
    public async Task A_name_with_underscores_is_stored_under_the_dotted_one_and_applied()
    {
        var account = Guid.CreateVersion7();
        await DeliverAsync(BillingApplication.SubscriptionEvent(
            "sub_alias", "canceled", "subscription_cancelled", eventId: "evt_alias", customData: BillingApplication.CustomDataFor(account)));

        await SubscriptionAsync(account, found => found.GetProperty("status").GetString() == "canceled");
        var events = (await _client.GetFromJsonAsync<JsonElement>("/api/admin/paddle/events?limit=200")).GetProperty("items").EnumerateArray();
        Assert.Equal("subscription.canceled", events.Single(row => row.GetProperty("eventId").GetString() == "evt_alias").GetProperty("eventType").GetString());
    }

    [Fact]
    public async Task A_rehearsal_is_taken_outside_of_production() => Assert.Equal(
        HttpStatusCode.OK, await DeliverAsync(BillingApplication.SubscriptionEvent("sub_rehearsal", type: "report.created", eventId: "ntfsimevt_1")));

    [Fact]
    public async Task A_webhook_needs_no_key_and_everything_else_does()
    {
        using var anonymous = application.CreateClient();

        Assert.Equal(HttpStatusCode.OK, (await anonymous.SendAsync(
            BillingApplication.Delivery(BillingApplication.SubscriptionEvent("sub_anonymous", type: "report.created")))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await anonymous.GetAsync("/api/plans")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.GetAsync("/api/admin/subscriptions")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.GetAsync("/api/admin/paddle/events")).StatusCode);
    }

    private async Task<HttpStatusCode> DeliverAsync(string body) => (await _client.SendAsync(BillingApplication.Delivery(body))).StatusCode;

    private async Task<List<JsonElement>> SubscriptionsAsync(Guid account) =>
        [.. (await _client.GetFromJsonAsync<JsonElement>($"/api/admin/subscriptions?account={account}")).GetProperty("items").EnumerateArray()];

    private async Task<JsonElement> SubscriptionAsync(Guid account, Func<JsonElement, bool> condition) => (await Eventually.GetAsync(
        () => SubscriptionsAsync(account), found => found.Count == 1 && condition(found[0]), $"the subscription of {account}"))[0];

    private async Task<List<string>> InboxAsync(string subscription)
    {
        await using var connection = new NpgsqlConnection(application.Database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT status FROM paddle_inbox WHERE body LIKE $1 ORDER BY received_at", connection);
        command.Parameters.Add(new() { Value = $"%\"{subscription}\"%" });
        await using var reader = await command.ExecuteReaderAsync();
        var states = new List<string>();
        while (await reader.ReadAsync())
        {
            states.Add(reader.GetString(0));
        }

        return states;
    }
}
