extern alias simulators;

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Notifications.Domain;
using simulators::BotGeneric.Simulators.Smtp;

namespace BotGeneric.Notifications.Tests;

/// <summary>Addresses that do not exist.</summary>
public sealed class BounceTests(MailApplication application) : IClassFixture<MailApplication>
{
    [Fact]
    public async Task A_bounce_is_recorded_and_later_messages_are_suppressed()
    {
        var first = Some.Request("bounce");
        await application.RequestAsync(first);

        var bounced = await application.BecomesAsync(first, DeliveryState.Bounced);
        Assert.Equal((1, 550, "the recipient was refused (5.1.1)"), (bounced.Attempts, bounced.LastStatusCode, bounced.LastReason));
        Assert.Null(bounced.Content);

        // Even a critical one, and however the address is spelled: it has only just bounced.
        var second = Some.Request(address: first.Address.ToUpperInvariant(), template: NotificationTemplates.ResetPassword);
        await application.RequestAsync(second);
        var suppressed = await application.BecomesAsync(second, DeliveryState.Suppressed);
        Assert.Equal(0, suppressed.Attempts);
        Assert.Null(suppressed.Content);
    }

    [Theory]
    [InlineData(NotificationTemplates.PasswordChanged)]
    [InlineData(NotificationTemplates.VerifyEmail)]
    [InlineData(NotificationTemplates.AlreadyRegistered)]
    [InlineData(NotificationTemplates.ConfirmNewEmail)]
    public async Task After_a_day_a_message_that_protects_or_opens_the_account_is_tried_and_success_lifts_the_suppression(string template)
    {
        var address = $"anna+{Guid.CreateVersion7():N}@day.example";
        application.Scenarios.Set(address, new SmtpScenario(SmtpTrouble.Bounce, Times: 1));
        var first = Some.Request(address: address);
        await application.RequestAsync(first);
        await application.BecomesAsync(first, DeliveryState.Bounced);
        Assert.Equal(1, await application.CountSuppressionsAsync("a•••@day.example"));

        application.Clock.Ahead = TimeSpan.FromHours(25);
        var ordinary = Some.Request(address: address, template: NotificationTemplates.OrganizationInvitation);
        await application.RequestAsync(ordinary);
        await application.BecomesAsync(ordinary, DeliveryState.Suppressed);
        var critical = Some.Request(address: address, template: template);
        await application.RequestAsync(critical);
        await application.BecomesAsync(critical, DeliveryState.Sent);

        Assert.Equal(0, await application.CountSuppressionsAsync("a•••@day.example"));
        application.Clock.Ahead = TimeSpan.Zero;
    }

    [Fact]
    public async Task An_admin_lists_and_lifts_suppressions()
    {
        using var admin = application.CreateOperatorClient();
        var address = $"carol+{Guid.CreateVersion7():N}@hand.example";

        var added = await (await admin.PostAsJsonAsync("/api/notifications/suppressions", new { address })).Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("c•••@hand.example", added.GetProperty("address").GetString());
        var refused = Some.Request(address: address);
        await application.RequestAsync(refused);
        await application.BecomesAsync(refused, DeliveryState.Suppressed);

        var id = added.GetProperty("id").GetGuid();
        var list = await admin.GetFromJsonAsync<JsonElement>("/api/notifications/suppressions");
        Assert.Contains(list.GetProperty("items").EnumerateArray(), item => item.GetProperty("id").GetGuid() == id);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"/api/notifications/suppressions/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.DeleteAsync($"/api/notifications/suppressions/{id}")).StatusCode);

        var welcome = Some.Request(address: address);
        await application.RequestAsync(welcome);
        await application.BecomesAsync(welcome, DeliveryState.Sent);
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.PostAsJsonAsync("/api/notifications/suppressions", new { address = "no address" })).StatusCode);
    }
}
