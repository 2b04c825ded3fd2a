using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>
/// Billing in which nothing works by itself: a test says when the inbox is worked off and when grace ends, and finds in the outbox everything that would be said.
/// </summary>
public sealed class MirrorApplication() : ServiceApplication<Program>("billing")
{
    /// <summary>The clock of the service.</summary>
    public TestClock Clock { get; } = new();

    protected override IReadOnlyDictionary<string, string> Settings => BillingApplication.DefaultSettings;

    /// <summary>Stores deliveries, as the webhook does after it has checked the signature.</summary>
    internal async Task StoreAsync(IEnumerable<StoryEvent> events)
    {
        await using var scope = Services.CreateAsyncScope();
        var inbox = scope.ServiceProvider.GetRequiredService<PaddleInbox>();
        foreach (var told in events)
        {
            await StoreAsync(inbox, told.Body);
        }
    }

    internal static async Task<bool> StoreAsync(PaddleInbox inbox, string body)
    {
        var paddleEvent = PaddleEvent.TryRead(System.Text.Encoding.UTF8.GetBytes(body));
        Assert.NotNull(paddleEvent);
        return await inbox.StoreAsync(paddleEvent, body, CancellationToken.None);
    }

    /// <summary>Stores one delivery.</summary>
    internal async Task<bool> StoreAsync(string body)
    {
        await using var scope = Services.CreateAsyncScope();
        return await StoreAsync(scope.ServiceProvider.GetRequiredService<PaddleInbox>(), body);
    }

    /// <summary>Works off what is stored.</summary>
    /// <param name="workers">How many do so at the same time.</param>
    internal async Task ApplyAsync(int workers = 1)
    {
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(WorkAsync)));
        await Eventually.EqualAsync(0, PendingAsync, "pending events");
        await InDatabaseAsync(async db => Assert.Empty(await db.WebhookEvents.Where(row => row.Status == WebhookEventStatus.Failed).ToListAsync()));
    }

    internal async Task<T> InDatabaseAsync<T>(Func<BillingDbContext, Task<T>> work)
    {
        await using var scope = Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<BillingDbContext>());
    }

    internal Task InDatabaseAsync(Func<BillingDbContext, Task> work) => InDatabaseAsync(async db =>
    {
        await work(db);
        return true;
    });

    protected override void ConfigureServices(IServiceCollection services)
    {
        services.AddSingleton<TimeProvider>(Clock);
        var busy = services
            .Where(service => service.ServiceType == typeof(IHostedService)
                && service.ImplementationType != typeof(InitialPlansService)
                && service.ImplementationType?.Name != "GenericWebHostService")
            .ToList();
        busy.ForEach(service => services.Remove(service));
    }

    // What failed meanwhile and is due again later is worked off here, too.
    private async Task<int> PendingAsync()
    {
        await WorkAsync();
        return await InDatabaseAsync(db => db.WebhookEvents.CountAsync(row => row.Status == WebhookEventStatus.Pending));
    }

    private async Task WorkAsync()
    {
        var applied = true;
        while (applied)
        {
            await using var scope = Services.CreateAsyncScope();
            applied = await scope.ServiceProvider.GetRequiredService<PaddleInbox>().ApplyNextAsync(CancellationToken.None);
        }
    }
}
