using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>An event that takes its connection with it.</summary>
public sealed class InboxTroubleTests(MirrorApplication application) : IClassFixture<MirrorApplication>
{
    [Fact]
    public async Task An_event_that_breaks_the_connection_keeps_no_other_one_waiting()
    {
        var prefix = $"sub_{Guid.CreateVersion7():N}"[..20];
        var (first, second) = ($"{prefix}a", $"{prefix}b");
        Assert.True(await application.StoreAsync(BillingApplication.SubscriptionEvent(first)));
        Assert.True(await application.StoreAsync(BillingApplication.SubscriptionEvent(second)));
        await using var trouble = await Trouble.BeginAsync(application.Database.ConnectionString, "subscriptions", $"NEW.paddle_id = '{first}'", Trouble.Cut);

        Assert.True(await ApplyNextAsync());
        Assert.True(await ApplyNextAsync());

        Assert.True(await application.InDatabaseAsync(db => db.Subscriptions.AnyAsync(row => row.PaddleId == second)));
        var waiting = await application.InDatabaseAsync(db => db.WebhookEvents.AsNoTracking().SingleAsync(row => row.Body.Contains(first)));
        Assert.Equal((WebhookEventStatus.Pending, 1), (waiting.Status, waiting.Attempts));
        Assert.True(waiting.NextAttemptAt > waiting.ReceivedAt);
        Assert.NotNull(waiting.Error);
    }

    private async Task<bool> ApplyNextAsync()
    {
        await using var scope = application.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<PaddleInbox>().ApplyNextAsync(CancellationToken.None);
    }
}
