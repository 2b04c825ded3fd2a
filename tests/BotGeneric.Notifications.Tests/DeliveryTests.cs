extern alias simulators;

using System.Text;
using System.Text.Json;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Notifications.Domain;
using BotGeneric.Testing;
using RabbitMQ.Client;
using simulators::BotGeneric.Simulators.Smtp;

namespace BotGeneric.Notifications.Tests;

/// <summary>From the request to the mailbox.</summary>
public sealed class DeliveryTests(MailApplication application) : IClassFixture<MailApplication>
{
    [Fact]
    public async Task A_request_on_the_broker_arrives_in_the_mailbox_once()
    {
        var request = Some.Request(language: "uk");
        await PublishAsync(request);
        await PublishAsync(request);

        var delivery = await application.BecomesAsync(request, DeliveryState.Sent);

        var mail = MailDetail.Of(Assert.Single(application.Inbox.List(request.Address)));
        Assert.Equal("Підтвердьте адресу електронної пошти для Tom & Jerry", mail.Summary.Subject);
        Assert.Equal($"{request.EventId:N}@bot.example.com", mail.Summary.MessageId);
        Assert.Equal("auto-generated", Header(mail, "Auto-Submitted"));
        Assert.Equal("uk", Header(mail, "Content-Language"));
        Assert.Contains("no-reply@bot.example.com", mail.Summary.From, StringComparison.Ordinal);
        Assert.Equal("help@bot.example.com", Header(mail, "Reply-To"));
        Assert.Equal([request.Values["link"]], mail.Links);
        Assert.Contains(request.Values["link"], mail.Text, StringComparison.Ordinal);
        Assert.Equal((1, 250), (delivery.Attempts, delivery.LastStatusCode));
        Assert.Null(delivery.Content);
        Assert.NotNull(delivery.SentAt);
        Assert.Equal("a•••@example.com", delivery.MaskedAddress);
    }

    [Fact]
    public async Task A_request_is_sent_at_once()
    {
        // The best of several is what counts: the machine may be busy with something else.
        var waits = new List<TimeSpan>();
        for (var i = 0; i < 5; i++)
        {
            var request = Some.Request();
            await application.RequestAsync(request);
            var delivery = await application.BecomesAsync(request, DeliveryState.Sent);
            waits.Add(delivery.SentAt!.Value - delivery.CreatedAt);
        }

        Assert.InRange(waits.Min(), TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task A_busy_mailbox_is_tried_again()
    {
        var request = Some.Request("busy+2");
        await application.RequestAsync(request);

        var delivery = await application.BecomesAsync(request, DeliveryState.Sent);

        Assert.Equal(3, delivery.Attempts);
        Assert.Single(application.Inbox.List(request.Address));
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_middle_is_tried_again()
    {
        var request = Some.Request("drop+1");
        await application.RequestAsync(request);

        var delivery = await application.BecomesAsync(request, DeliveryState.Sent);

        Assert.Equal(2, delivery.Attempts);
        Assert.Single(application.Inbox.List(request.Address));
    }

    [Fact]
    public async Task A_message_that_has_to_be_sent_twice_can_be_recognised()
    {
        // The server has the message, and the answer is lost: nobody can know that.
        var request = Some.Request("lost+1");
        await application.RequestAsync(request);

        await application.BecomesAsync(request, DeliveryState.Sent);

        var copies = application.Inbox.List(request.Address);
        Assert.Equal(2, copies.Count);
        Assert.Single(copies.Select(copy => MailDetail.Of(copy).Summary.MessageId).Distinct());
    }

    [Fact]
    public async Task A_slow_answer_holds_up_no_other_message()
    {
        var slow = Some.Request("slow+20000");
        await application.RequestAsync(slow);
        var quick = Some.Request();
        await application.RequestAsync(quick);

        await application.BecomesAsync(quick, DeliveryState.Sent);

        Assert.Equal(DeliveryState.Pending, (await application.FindAsync(slow.EventId))!.State);
    }

    [Fact]
    public async Task Many_messages_are_each_sent_once()
    {
        var requests = Enumerable.Range(0, 60).Select(_ => Some.Request("many")).ToList();
        await Parallel.ForEachAsync(requests, async (request, _) => await application.RequestAsync(request));

        foreach (var request in requests)
        {
            await application.BecomesAsync(request, DeliveryState.Sent);
            Assert.Single(application.Inbox.List(request.Address));
        }
    }

    [Fact]
    public async Task A_lasting_trouble_is_given_up_in_the_end_and_can_be_retried_by_hand()
    {
        var request = Some.Request("anna");
        application.Scenarios.Set(request.Address, new SmtpScenario(SmtpTrouble.Busy));
        await application.RequestAsync(request);
        await Eventually.GetAsync(() => application.FindAsync(request.EventId), row => row!.Attempts >= 2, "two attempts");
        await application.ExecuteAsync($"UPDATE deliveries SET give_up_at = now() WHERE event_id = {request.EventId}");

        var delivery = await application.BecomesAsync(request, DeliveryState.Failed);
        Assert.Equal((451, "the recipient was put off (4.3.0)"), (delivery.LastStatusCode, delivery.LastReason));
        Assert.NotNull(delivery.Content);

        application.Scenarios.Set(request.Address, null);
        using var admin = application.CreateOperatorClient();
        Assert.Equal(System.Net.HttpStatusCode.Accepted, (await admin.PostAsync($"/api/notifications/deliveries/{delivery.Id}/retry", null)).StatusCode);
        Assert.Null((await application.BecomesAsync(request, DeliveryState.Sent)).Content);
    }

    [Fact]
    public async Task A_message_that_is_of_no_use_any_more_is_not_sent()
    {
        var late = Some.Request(expiresAt: TimeProvider.System.GetUtcNow().AddSeconds(-1));
        await application.RequestAsync(late);
        var waiting = Some.Request("anna", expiresAt: TimeProvider.System.GetUtcNow().AddSeconds(2));
        application.Scenarios.Set(waiting.Address, new SmtpScenario(SmtpTrouble.Busy));
        await application.RequestAsync(waiting);

        Assert.Equal(0, (await application.BecomesAsync(late, DeliveryState.Expired)).Attempts);
        Assert.Null((await application.BecomesAsync(waiting, DeliveryState.Expired)).Content);
        Assert.Empty(application.Inbox.List(late.Address));
        Assert.Empty(application.Inbox.List(waiting.Address));
    }

    [Theory]
    [InlineData("refuse", 554, "the message was refused (5.6.0)")]
    [InlineData("policy", 550, "the recipient was refused (5.7.1)")]
    public async Task A_refusal_that_says_nothing_about_the_address_fails_at_once(string localPart, int status, string reason)
    {
        var request = Some.Request(localPart);
        await application.RequestAsync(request);

        var delivery = await application.BecomesAsync(request, DeliveryState.Failed);

        Assert.Equal((1, status, reason), (delivery.Attempts, delivery.LastStatusCode, delivery.LastReason));
        Assert.Equal(0, await application.CountSuppressionsAsync($"{localPart[0]}•••@example.com"));
    }

    [Fact]
    public async Task An_address_beyond_ascii_is_reached()
    {
        var request = Some.Request(address: $"анна+{Guid.CreateVersion7():N}@пошта.example");
        await application.RequestAsync(request);

        await application.BecomesAsync(request, DeliveryState.Sent);

        Assert.Single(application.Inbox.List(request.Address));
    }

    private static string Header(MailDetail mail, string name) => mail.Headers.Single(header => header.Name == name).Value;

    private static async Task PublishAsync(NotificationRequested request)
    {
        var factory = new ConnectionFactory { Uri = new Uri(await TestServers.RabbitMqAsync()) };
        await using var connection = await factory.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await MailQueue.DeclaredAsync(connection);
        const string name = "BotGeneric.Contracts.Notifications.V1:NotificationRequested";
        var envelope = new Dictionary<string, object>
        {
            ["messageId"] = request.EventId,
            ["messageType"] = new[] { $"urn:message:{name}" },
            ["message"] = request,
        };
        await channel.BasicPublishAsync(
            name, "", mandatory: true,
            new BasicProperties { ContentType = "application/vnd.masstransit+json", MessageId = request.EventId.ToString(), Persistent = true },
            Encoding.UTF8.GetBytes(JsonSerializer.Serialize(envelope, JsonSerializerOptions.Web)));
    }
}

internal static class MailQueue
{
    /// <summary>Waits until the service has declared its queue.</summary>
    public static Task DeclaredAsync(IConnection connection) => Eventually.EqualAsync(
        true,
        async () =>
        {
            await using var channel = await connection.CreateChannelAsync();
            try
            {
                await channel.QueueDeclarePassiveAsync("notifications.notification-requested");
                return true;
            }
            catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
            {
                return false;
            }
        },
        "the queue");
}
