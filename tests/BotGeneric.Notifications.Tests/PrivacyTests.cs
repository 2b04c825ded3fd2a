extern alias simulators;

using System.Diagnostics;
using System.Text;
using System.Text.Json;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Messaging;
using BotGeneric.Messaging.Data;
using BotGeneric.Messaging.DeadLetters;
using BotGeneric.Notifications.Deliveries;
using BotGeneric.Notifications.Domain;
using BotGeneric.Notifications.Security;
using BotGeneric.Testing;
using Npgsql;
using simulators::BotGeneric.Simulators.Smtp;

namespace BotGeneric.Notifications.Tests;

/// <summary>Nobody learns more than they need.</summary>
public sealed class PrivacyTests(MailApplication application) : IClassFixture<MailApplication>
{
    [Fact]
    public async Task Logs_and_spans_name_deliveries_and_nobody()
    {
        var spans = new System.Collections.Concurrent.ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == DeliveryDiagnostics.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        NotificationRequested[] all = [Some.Request("privat"), Some.Request("bounce+privat"), Some.Request("busy+1+privat"), Some.Request("drop+1+privat")];
        foreach (var each in all)
        {
            await application.RequestAsync(each);
        }

        request.Stop();
        foreach (var each in all)
        {
            await Eventually.GetAsync(() => application.FindAsync(each.EventId), row => row!.State != DeliveryState.Pending, "an end");
        }

        Assert.All(all, each => Assert.All(application.Logs.Lines, line =>
        {
            Assert.DoesNotContain(each.Address, line, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("secret-1", line, StringComparison.Ordinal);
            Assert.DoesNotContain("correct horse", line, StringComparison.Ordinal);
        }));
        // A span ends a moment after the delivery is committed.
        var ours = await Eventually.GetAsync(
            () => Task.FromResult(spans.Where(span => span.TraceId == request.TraceId).ToList()), found => found.Count >= all.Length, "the spans");
        Assert.All(ours, span =>
        {
            var text = $"{span.DisplayName} {span.StatusDescription} {string.Join(' ', span.TagObjects.Select(tag => tag.Value))}";
            Assert.DoesNotContain("privat", text, StringComparison.Ordinal);
            Assert.DoesNotContain("@", text, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task What_waits_in_the_database_is_encrypted_and_what_is_done_is_gone()
    {
        var request = Some.Request();
        application.Scenarios.Set(request.Address, new SmtpScenario(SmtpTrouble.Busy));
        await application.RequestAsync(request);

        var waiting = (await application.FindAsync(request.EventId))!;
        Assert.NotNull(waiting.Content);
        var stored = await DumpAsync();
        Assert.DoesNotContain(request.Address, stored, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("secret-1", stored, StringComparison.Ordinal);

        application.Scenarios.Set(request.Address, null);
        await application.BecomesAsync(request, DeliveryState.Sent);
        Assert.DoesNotContain(Convert.ToHexStringLower(waiting.Content), await DumpAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_cannot_be_sent_is_a_dead_letter_that_names_the_value_and_shows_none()
    {
        var request = Some.Request() with { Values = new Dictionary<string, string> { ["link"] = MailApplication.Origin + "/secret-2" } };

        var refusal = await Assert.ThrowsAsync<UnprocessableEventException>(() => application.RequestAsync(request));
        Assert.Equal("The template 'verify-email' cannot be filled: 'hours' is missing.", refusal.Message);
        Assert.Contains("'address'", (await Assert.ThrowsAsync<UnprocessableEventException>(
            () => application.RequestAsync(Some.Request(address: "a@b\r\nBcc: eve@evil.example")))).Message, StringComparison.Ordinal);
        Assert.Null(await application.FindAsync(request.EventId));
    }

    [Theory]
    [InlineData(DeadLetterDirections.Consume, "notifications.notification-requested")]
    [InlineData(DeadLetterDirections.Publish, "BotGeneric.Contracts.Notifications.V1:NotificationRequested")]
    public void A_dead_letter_is_shown_without_address_and_values(string direction, string queue)
    {
        var request = Some.Request(address: "anna@example.com");
        var json = JsonSerializer.Serialize(request, JsonSerializerOptions.Web);
        var letter = Letter(direction, queue, direction == DeadLetterDirections.Consume ? $$"""{"messageId":"1","message":{{json}}}""" : json);

        var shown = ShownBody.Of(letter, MessagingTopology.Default.Routes);

        Assert.DoesNotContain(request.Address, shown, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-1", shown, StringComparison.Ordinal);
        var message = JsonDocument.Parse(shown).RootElement;
        message = direction == DeadLetterDirections.Consume ? message.GetProperty("message") : message;
        Assert.Equal("•••", message.GetProperty("address").GetString());
        Assert.Equal("•••", message.GetProperty("values").GetProperty("link").GetString());
        Assert.Equal("verify-email", message.GetProperty("template").GetString());
        // A replay reads the body as it was.
        Assert.Contains(request.Address, Encoding.UTF8.GetString(letter.Body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not JSON, anna@example.com")]
    [InlineData("""{"message":"anna@example.com"}""")]
    [InlineData("""["anna@example.com"]""")]
    [InlineData("""{"message":{"Address":"anna@example.com"}}""")]
    [InlineData("""{"message":{"address":"anna@example.com","address":"anna@example.com"}}""")]
    [InlineData("""{"message":{"address":["anna@example.com"]}}""")]
    public void A_dead_letter_that_cannot_be_read_shows_nothing(string body) => Assert.DoesNotContain(
        "anna@", ShownBody.Of(Letter(DeadLetterDirections.Consume, "notifications.notification-requested", body), MessagingTopology.Default.Routes), StringComparison.Ordinal);

    [Fact]
    public void A_dead_letter_of_another_event_is_shown_as_it_is()
    {
        const string body = """{"message":{"address":"not ours"}}""";

        Assert.Equal(body, ShownBody.Of(Letter(DeadLetterDirections.Consume, "policy.usage-recorded", body), MessagingTopology.Default.Routes));
    }

    [Theory]
    [InlineData("anna@example.com", "a•••@example.com")]
    [InlineData("a@example.com", "a•••@example.com")]
    [InlineData("анна@пошта.example", "а•••@пошта.example")]
    public void A_masked_address_keeps_a_letter_and_the_domain(string address, string masked) => Assert.Equal(masked, MailAddress.Mask(address));

    private static DeadLetter Letter(string direction, string queue, string body) => new()
    {
        Id = Guid.CreateVersion7(),
        Direction = direction,
        Queue = queue,
        Body = Encoding.UTF8.GetBytes(body),
        Error = "",
        Attempts = 1,
        FirstFailedAt = default,
        LastFailedAt = default,
    };

    private async Task<string> DumpAsync()
    {
        await using var connection = new NpgsqlConnection(application.Database.ConnectionString);
        await connection.OpenAsync();
        var dump = new StringBuilder();
        foreach (var table in new[] { "deliveries", "suppressions", "fingerprint_key", "inbox" })
        {
            await using var command = new NpgsqlCommand($"SELECT coalesce(string_agg(row_to_json(t)::text, '\n'), '') FROM {table} t", connection);
            dump.AppendLine((string?)await command.ExecuteScalarAsync());
        }

        return dump.ToString();
    }
}
