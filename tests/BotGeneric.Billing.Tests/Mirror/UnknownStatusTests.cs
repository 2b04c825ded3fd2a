using System.Diagnostics.Metrics;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Mirror;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>What Paddle says and somebody has to look at is counted, and shows in the health report.</summary>
public sealed class UnknownStatusTests(MirrorApplication application) : IClassFixture<MirrorApplication>
{
    private readonly string _prefix = $"unk{Guid.CreateVersion7().ToString("N")[^10..]}x";

    [Fact]
    public async Task A_status_that_this_version_does_not_know_is_counted_and_degrades_the_health_until_it_is_gone()
    {
        using var counted = new Counted(application.Services, "paddle.statuses.unknown");
        var subscription = $"sub_{_prefix}";
        var before = await HealthAsync();
        await application.StoreAsync(BillingApplication.SubscriptionEvent(subscription, "hibernating", occurredAt: application.Clock.GetUtcNow()));
        await application.ApplyAsync();

        var during = await HealthAsync();
        var kept = await application.InDatabaseAsync(db => db.Subscriptions.AsNoTracking().SingleAsync(row => row.PaddleId == subscription));
        await application.StoreAsync(BillingApplication.SubscriptionEvent(subscription, occurredAt: application.Clock.GetUtcNow().AddSeconds(1)));
        await application.ApplyAsync();

        Assert.Equal(HealthStatus.Healthy, before.Status);
        Assert.Equal((HealthStatus.Degraded, "This version does not know: subscription hibernating."), (during.Status, during.Description));
        Assert.Equal((SubscriptionStatus.Unknown, "hibernating"), (kept.State.Status, kept.State.RawStatus));
        Assert.Equal(["subscription hibernating"], counted.Tags);
        Assert.Equal(HealthStatus.Healthy, (await HealthAsync()).Status);
    }

    [Fact]
    public async Task A_chargeback_that_is_announced_is_counted_and_takes_nothing()
    {
        using var counted = new Counted(application.Services, "paddle.chargebacks.announced");
        var story = PaddleStory.Tell(_prefix, PaddleStory.OrdinarySeed, [(StoryStep.Warn, 0)], [null]);

        await application.StoreAsync(story.Events);
        await application.ApplyAsync();

        Assert.Single(counted.Tags);
        Assert.True(await application.InDatabaseAsync(db => db.Subscriptions.Where(row => row.CustomerId == $"ctm_{_prefix}").Select(row => row.GrantsAccess).SingleAsync()));
    }

    private async Task<HealthReportEntry> HealthAsync()
    {
        var report = await application.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Name == UnknownStatuses.Name);
        return report.Entries[UnknownStatuses.Name];
    }

    private sealed class Counted : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly List<string> _tags = [];

        public Counted(IServiceProvider services, string name)
        {
            var meters = services.GetRequiredService<IMeterFactory>();
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == name && instrument.Meter.Scope == meters)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
            {
                lock (_tags)
                {
                    _tags.Add(string.Join(' ', tags.ToArray().Select(tag => tag.Value)));
                }
            });
            _listener.Start();
        }

        public IReadOnlyList<string> Tags
        {
            get
            {
                lock (_tags)
                {
                    return [.. _tags];
                }
            }
        }

        public void Dispose() => _listener.Dispose();
    }
}
