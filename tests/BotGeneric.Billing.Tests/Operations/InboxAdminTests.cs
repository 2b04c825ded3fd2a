using System.Net;
using System.Text.Json;
using BotGeneric.Testing;
using Npgsql;

namespace BotGeneric.Billing.Tests.Operations;

/// <summary>Paddle's inbox, as admins see it.</summary>
public sealed class InboxAdminTests(OperationsApplication application) : IClassFixture<OperationsApplication>
{
    [Fact]
    public async Task Events_are_found_by_type_by_what_they_are_about_and_by_time()
    {
        var subscription = $"sub_{Guid.CreateVersion7():N}";
        var eventId = await DeliverAsync(subscription);

        var about = await application.GetAsync($"/api/admin/paddle/events?about={subscription}&type=subscription.updated&from=2020-01-01T00:00:00Z");
        var none = await application.GetAsync($"/api/admin/paddle/events?about={subscription}&type=subscription.created");
        var past = await application.GetAsync($"/api/admin/paddle/events?about={subscription}&to=2020-01-01T00:00:00Z");

        Assert.Equal(eventId, Text(Assert.Single(about.GetProperty("items").EnumerateArray()), "eventId"));
        Assert.Equal((0, 0), (none.GetProperty("items").GetArrayLength(), past.GetProperty("items").GetArrayLength()));
        await application.GetAsync("/api/admin/paddle/events?about=100%25", HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Who_reads_a_body_is_written_down()
    {
        var subscription = $"sub_{Guid.CreateVersion7():N}";
        var eventId = await DeliverAsync(subscription);

        var read = await application.GetAsync($"/api/admin/paddle/events/{eventId}");

        Assert.Equal(subscription, Text(read.GetProperty("body").GetProperty("data"), "id"));
        Assert.Equal(1L, await application.ScalarAsync<long>($"SELECT count(*) FROM billing_audit WHERE action = 'event.read' AND target = '{eventId}'"));
        await application.GetAsync("/api/admin/paddle/events/evt_none", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Everything_that_failed_is_tried_again_at_once()
    {
        var subscription = $"sub_{Guid.CreateVersion7():N}";
        var eventId = await DeliverAsync(subscription);
        await Eventually.EqualAsync("applied", () => StatusAsync(eventId), "the event");
        await application.ExecuteAsync($"UPDATE paddle_inbox SET status = 'Failed', attempts = 10, error = 'x' WHERE event_id = '{eventId}'");
        var counts = await application.GetAsync("/api/admin/paddle/events/counts");

        var replayed = await application.PostAsync("/api/admin/paddle/events/replay-failed", new { }, HttpStatusCode.Accepted);

        Assert.True(counts.GetProperty("failed").GetInt32() >= 1);
        Assert.True(replayed.GetProperty("replayed").GetInt32() >= 1);
        await Eventually.GetAsync(() => StatusAsync(eventId), status => status is "applied" or "superseded", "the event");
    }

    [Fact]
    public async Task An_event_that_is_applied_while_it_is_asked_for_again_stays_applied()
    {
        var eventId = await DeliverAsync($"sub_{Guid.CreateVersion7():N}");
        await Eventually.EqualAsync("applied", () => StatusAsync(eventId), "the event");
        await application.ExecuteAsync($"UPDATE paddle_inbox SET status = 'Failed', attempts = 10, error = 'x' WHERE event_id = '{eventId}'");
        await using var worker = new NpgsqlConnection(application.Database.ConnectionString);
        await worker.OpenAsync();
        await using var applying = await worker.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand($"UPDATE paddle_inbox SET status = 'Applied' WHERE event_id = '{eventId}'", worker, applying))
        {
            await command.ExecuteNonQueryAsync();
        }

        var refused = application.PostAsync($"/api/admin/paddle/events/{eventId}/replay", new { }, HttpStatusCode.Conflict);
        await Eventually.GetAsync(
            () => application.ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid')"),
            isWaiting => isWaiting || refused.IsCompleted, "the click to come to the row");
        await applying.CommitAsync();

        Assert.Contains("applied", Text(await refused, "detail"), StringComparison.Ordinal);
        Assert.Equal("Applied", await application.ScalarAsync<string>($"SELECT status FROM paddle_inbox WHERE event_id = '{eventId}'"));
    }

    [Theory]
    [InlineData("Ignored")]
    [InlineData("Failed")]
    public async Task An_event_whose_body_was_erased_is_not_tried_again_and_the_answer_says_why(string status)
    {
        var eventId = await DeliverAsync($"sub_{Guid.CreateVersion7():N}");
        await Eventually.EqualAsync("applied", () => StatusAsync(eventId), "the event");
        await application.ExecuteAsync($"UPDATE paddle_inbox SET status = '{status}', body = '{{}}' WHERE event_id = '{eventId}'");

        var refused = await application.PostAsync($"/api/admin/paddle/events/{eventId}/replay", new { }, HttpStatusCode.Conflict);
        await application.PostAsync("/api/admin/paddle/events/replay-failed", new { }, HttpStatusCode.Accepted);

        Assert.Contains("erased", Text(refused, "detail"), StringComparison.Ordinal);
        Assert.Equal(status, await application.ScalarAsync<string>($"SELECT status FROM paddle_inbox WHERE event_id = '{eventId}'"));
    }

    [Fact]
    public async Task How_Paddle_is_connected_is_shown_without_a_secret()
    {
        var configuration = await application.GetAsync("/api/admin/paddle/configuration");

        Assert.Equal(("sandbox", true, 1), (
            Text(configuration, "environment"), configuration.GetProperty("keyFitsEnvironment").GetBoolean(), configuration.GetProperty("webhookSecrets").GetInt32()));
        Assert.DoesNotContain("apikey", configuration.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(BillingApplication.Secret, configuration.GetRawText(), StringComparison.Ordinal);
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private async Task<string> StatusAsync(string eventId) => Text((await application.GetAsync($"/api/admin/paddle/events/{eventId}")).GetProperty("event"), "status")!;

    private async Task<string> DeliverAsync(string subscription)
    {
        var eventId = $"evt_{Guid.CreateVersion7():N}";
        using var client = application.CreateClient();
        using var request = BillingApplication.Delivery(BillingApplication.SubscriptionEvent(subscription, eventId: eventId));
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return eventId;
    }
}
