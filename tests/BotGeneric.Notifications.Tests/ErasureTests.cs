using System.Text.Json;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Messaging;
using BotGeneric.Notifications.Data;
using BotGeneric.Notifications.Domain;
using BotGeneric.Testing.Services;

namespace BotGeneric.Notifications.Tests;

/// <summary>A person who is deleted leaves nothing here.</summary>
public sealed class ErasureTests(MailApplication application) : IClassFixture<MailApplication>
{
    [Fact]
    public async Task Everything_that_was_sent_to_the_person_is_gone_and_what_others_got_stays()
    {
        var before = Some.Request("erased") with { UserId = null };
        var own = Some.Request(address: before.Address);
        var foreign = Some.Request("neighbour");
        foreach (var request in new[] { before, own, foreign })
        {
            await application.RequestAsync(request);
            await application.BecomesAsync(request, DeliveryState.Sent);
        }

        var answer = await application.Services.EraseAsync<NotificationsDbContext>(own.UserId!.Value);

        Assert.Equal(("notifications", own.UserId.Value), (answer.Service, answer.UserId));
        Assert.Null(await application.FindAsync(before.EventId));
        Assert.Null(await application.FindAsync(own.EventId));
        Assert.NotNull(await application.FindAsync(foreign.EventId));
    }

    [Fact]
    public async Task That_an_address_was_refused_is_forgotten()
    {
        var refused = Some.Request("bounce+erased");
        await application.RequestAsync(refused);
        var delivery = await application.BecomesAsync(refused, DeliveryState.Bounced);
        Assert.Equal(1, await application.CountSuppressionsAsync(delivery.MaskedAddress));

        await application.Services.EraseAsync<NotificationsDbContext>(refused.UserId!.Value);

        Assert.Equal(0, await application.CountSuppressionsAsync(delivery.MaskedAddress));
    }

    [Fact]
    public async Task An_address_that_another_account_has_by_now_stays_that_accounts()
    {
        var former = Some.Request("moved");
        var present = Some.Request(address: former.Address);
        var unknown = Some.Request(address: former.Address) with { UserId = null };
        foreach (var request in new[] { former, present, unknown })
        {
            await application.RequestAsync(request);
            await application.BecomesAsync(request, DeliveryState.Sent);
        }

        await application.Services.EraseAsync<NotificationsDbContext>(former.UserId!.Value);

        Assert.Null(await application.FindAsync(former.EventId));
        Assert.NotNull(await application.FindAsync(present.EventId));
        Assert.NotNull(await application.FindAsync(unknown.EventId));
    }

    [Fact]
    public async Task Messages_about_the_person_that_were_put_aside_are_gone_too()
    {
        var (own, foreign) = (Some.Request("aside"), Some.Request("neighbour"));
        var type = EventName.Of(typeof(NotificationRequested));
        var gone = await application.Services.PutAsideAsync<NotificationsDbContext>(type, Envelope(own));
        var kept = await application.Services.PutAsideAsync<NotificationsDbContext>(type, Envelope(foreign));

        await application.Services.EraseAsync<NotificationsDbContext>(own.UserId!.Value);
        await application.Services.EraseAsync<NotificationsDbContext>(Guid.CreateVersion7());

        Assert.Equal([kept], await application.Services.StillAsideAsync<NotificationsDbContext>(gone, kept));
    }

    private static string Envelope(NotificationRequested request) =>
        JsonSerializer.Serialize(new { messageId = request.EventId, message = request }, JsonSerializerOptions.Web);
}
