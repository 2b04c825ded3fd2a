using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Tests.Paddle;
using Microsoft.EntityFrameworkCore;
using Xunit.Abstractions;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>Notifications that Paddle publishes, where they are at hand.</summary>
public sealed class PublishedSampleTests(MirrorApplication application, ITestOutputHelper output) : IClassFixture<MirrorApplication>
{
    private static readonly string[] Families = ["subscription", "transaction", "adjustment", "customer", "product", "price", "payment_method"];

    [Fact]
    public async Task Every_published_notification_is_applied_or_ignored_by_its_family()
    {
        var bodies = SharedSamples.Find("*.json", output, "webhooks").Select(File.ReadAllText).ToList();
        var expected = bodies
            .Select(body => PaddleEvent.TryRead(System.Text.Encoding.UTF8.GetBytes(body))!)
            .Select((read, index) => (Event: read, Body: bodies[index]))
            .OrderBy(entry => entry.Event.OccurredAt)
            .ToList();
        foreach (var (_, body) in expected)
        {
            await application.StoreAsync(body);
        }

        await application.ApplyAsync();

        var outcomes = await application.InDatabaseAsync(db => db.WebhookEvents.AsNoTracking().ToDictionaryAsync(row => row.EventId, row => row.Status));
        Assert.All(expected, entry => Assert.True(
            outcomes[entry.Event.EventId] == (Families.Contains(entry.Event.EventType.Split('.')[0]) ? WebhookEventStatus.Applied : WebhookEventStatus.Ignored),
            $"{entry.Event.EventType}: {outcomes[entry.Event.EventId]}"));
    }
}
