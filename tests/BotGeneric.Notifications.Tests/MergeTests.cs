using BotGeneric.Notifications.Data;
using BotGeneric.Notifications.Domain;
using BotGeneric.Testing.Services;

namespace BotGeneric.Notifications.Tests;

/// <summary>Two accounts of one person become one.</summary>
public sealed class MergeTests(MailApplication application) : IClassFixture<MailApplication>
{
    [Fact]
    public async Task What_was_and_is_sent_to_the_absorbed_account_concerns_the_other_and_is_erased_with_it()
    {
        var kept = Guid.CreateVersion7();
        var before = Some.Request("absorbed");
        var after = Some.Request("late") with { UserId = before.UserId };
        await application.RequestAsync(before);
        await application.BecomesAsync(before, DeliveryState.Sent);

        await application.Services.MergeAsync<NotificationsDbContext>(before.UserId!.Value, kept);
        await application.RequestAsync(after);

        Assert.Equal(kept, (await application.BecomesAsync(after, DeliveryState.Sent)).UserId);
        Assert.Equal(kept, (await application.FindAsync(before.EventId))!.UserId);
        await application.Services.EraseAsync<NotificationsDbContext>(kept);
        Assert.Null(await application.FindAsync(before.EventId));
        Assert.Null(await application.FindAsync(after.EventId));
    }
}
