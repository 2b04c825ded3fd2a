using BotGeneric.Billing.Domain;
using BotGeneric.Contracts.Billing.V1;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>What comes before the thing that it is about.</summary>
public sealed class ArrivalTests(MirrorApplication application) : IClassFixture<MirrorApplication>
{
    private readonly string _prefix = $"arr{Guid.CreateVersion7().ToString("N")[^10..]}x";
    private readonly Guid _account = Guid.CreateVersion7();

    [Fact]
    public async Task A_payment_that_comes_before_its_subscription_is_told_once_with_it()
    {
        var story = Tell(StoryStep.Renew);
        var payments = story.Events.Where(told => told.EventType.StartsWith("transaction.", StringComparison.Ordinal)).ToList();

        await DeliverAsync(payments);
        Assert.Empty(await PaymentsAsync());

        await DeliverAsync(story.Events.Where(told => told.EventType == "subscription.created"));
        var told = await PaymentsAsync();
        Assert.Equal(2, told.Count);
        Assert.All(told, one => Assert.Equal((_account, "pro"), (one.AccountId, one.PlanCode)));
        Assert.All(told, one => Assert.NotNull(one.SubscriptionId));

        await DeliverAsync(story.Events);
        Assert.Equal(2, (await PaymentsAsync()).Count);
    }

    [Fact]
    public async Task A_refund_that_comes_before_its_payment_is_told_once_it_is_there()
    {
        var story = Tell(StoryStep.Renew, StoryStep.Refund);
        await DeliverAsync(story.Events.Where(told => told.EventType.StartsWith("adjustment.", StringComparison.Ordinal)));
        Assert.Empty(await application.InDatabaseAsync(db => Picture.RefundsAsync(db, _prefix)));

        await DeliverAsync(story.Events.Reverse());

        var refund = Assert.Single(await application.InDatabaseAsync(db => Picture.RefundsAsync(db, _prefix)));
        Assert.Equal((_account, "refund", true), (refund.AccountId, refund.Action, refund.Amount > 0));
    }

    [Fact]
    public async Task A_first_payment_that_is_declined_is_told_and_leads_to_no_dunning()
    {
        var story = Enumerable.Range(0, 100).Select(seed => TellWith(seed)).First(told => told.Events.Any(one => one.EventType == "transaction.payment_failed"));
        var failed = story.Events.First(told => told.EventType == "transaction.payment_failed");

        await DeliverAsync([failed]);
        await DeliverAsync([failed]);

        var told = Assert.Single(await application.InDatabaseAsync(Picture.ToldAsync<PaymentFailed>), one => one.TransactionId.Contains(_prefix, StringComparison.Ordinal));
        Assert.Equal((_account, null, "declined"), (told.AccountId, told.SubscriptionId, told.ErrorCode));
        Assert.False(await application.InDatabaseAsync(db => db.Subscriptions.AnyAsync(row => row.AccountId == _account)));
    }

    [Fact]
    public async Task A_paid_snapshot_after_the_completed_one_takes_nothing_back()
    {
        var story = Tell();
        await DeliverAsync(story.Events);
        var paid = story.Events.First(told => told.EventType == "transaction.paid");
        var later = story.Events[^1].OccurredAt.AddMinutes(1);

        await DeliverAsync([paid with { EventId = $"evt_{_prefix}later", Body = paid.Body.Replace(paid.EventId, $"evt_{_prefix}later", StringComparison.Ordinal).Replace(Moment(paid.OccurredAt), Moment(later), StringComparison.Ordinal) }]);

        var transaction = await application.InDatabaseAsync(db => db.Transactions.AsNoTracking().SingleAsync(row => row.PaddleId.Contains(_prefix)));
        Assert.Equal((TransactionStatus.Completed, true), (transaction.State.Status, transaction.State.InvoiceNumber is not null));
    }

    [Fact]
    public async Task An_event_that_failed_for_good_is_tried_again_when_it_is_delivered_again_and_one_that_succeeded_is_not()
    {
        var story = Tell();
        await DeliverAsync(story.Events);
        var (first, second) = (story.Events[0], story.Events[1]);
        await application.InDatabaseAsync(db => db.WebhookEvents.Where(row => row.EventId == first.EventId)
            .ExecuteUpdateAsync(row => row.SetProperty(one => one.Status, WebhookEventStatus.Failed).SetProperty(one => one.Attempts, 10)));

        Assert.True(await application.StoreAsync(first.Body));
        Assert.False(await application.StoreAsync(second.Body));

        await application.ApplyAsync();
        Assert.NotEqual(WebhookEventStatus.Failed, await application.InDatabaseAsync(db => db.WebhookEvents.Where(row => row.EventId == first.EventId).Select(row => row.Status).SingleAsync()));
    }

    [Fact]
    public async Task A_status_that_this_version_does_not_know_is_kept_as_it_was_said_and_access_stays()
    {
        var story = Tell(StoryStep.BecomeStrange);
        await DeliverAsync(story.Events.Reverse());

        var subscription = await SubscriptionAsync();
        Assert.Equal((SubscriptionStatus.Unknown, "on_holiday", true), (subscription.State.Status, subscription.State.RawStatus, subscription.GrantsAccess));
    }

    [Fact]
    public async Task Quotas_begin_with_a_payment_not_with_the_period_that_the_provider_moves_on()
    {
        await DeliverAsync(Tell().Events);
        var bought = await SubscriptionAsync();

        await DeliverAsync(Tell(StoryStep.FailToRenew).Events);
        var owing = await SubscriptionAsync();
        await DeliverAsync(Tell(StoryStep.FailToRenew, StoryStep.Recover).Events);
        var recovered = await SubscriptionAsync();
        await DeliverAsync(Tell(StoryStep.FailToRenew, StoryStep.Recover, StoryStep.Upgrade).Events);
        var upgraded = await SubscriptionAsync();

        Assert.True(owing.State.PeriodStart > bought.State.PeriodStart);
        Assert.Equal(bought.PaidPeriodStart, owing.PaidPeriodStart);
        Assert.Equal(owing.State.PeriodStart, recovered.PaidPeriodStart);
        Assert.Equal((recovered.PaidPeriodStart, "team"), (upgraded.PaidPeriodStart, upgraded.PlanCode));
    }

    [Fact]
    public async Task A_warning_revokes_nothing_a_chargeback_does_and_its_reverse_gives_it_back()
    {
        await DeliverAsync(Tell(StoryStep.Warn).Events);
        Assert.True((await SubscriptionAsync()).GrantsAccess);

        await DeliverAsync(Tell(StoryStep.Warn, StoryStep.ChargeBack).Events);
        Assert.False((await SubscriptionAsync()).GrantsAccess);

        await DeliverAsync(Tell(StoryStep.Warn, StoryStep.ChargeBack, StoryStep.ReverseChargeBack).Events);
        Assert.True((await SubscriptionAsync()).GrantsAccess);
        var told = await application.InDatabaseAsync(db => Picture.RefundsAsync(db, _prefix));
        Assert.Equal(["chargeback", "chargeback_reverse"], told.Select(one => one.Action).Order());
        Assert.Equal(0m, told.Sum(one => one.Amount));
    }

    private static string Moment(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", System.Globalization.CultureInfo.InvariantCulture);

    private static readonly Guid Checkout = Guid.CreateVersion7();

    // The same seed tells the same beginning, with the same ids of events.
    private PaddleStory Tell(params StoryStep[] steps) => TellWith(PaddleStory.OrdinarySeed, steps);

    private PaddleStory TellWith(int seed, params StoryStep[] steps) =>
        PaddleStory.Tell(_prefix, seed, [.. steps.Select(step => (step, 0))], [BillingApplication.References.Create(Checkout, _account)]);

    private async Task DeliverAsync(IEnumerable<StoryEvent> events)
    {
        await application.StoreAsync(events);
        await application.ApplyAsync();
    }

    private Task<List<PaymentCompleted>> PaymentsAsync() => application.InDatabaseAsync(db => Picture.PaymentsAsync(db, _prefix));

    private Task<Subscription> SubscriptionAsync() => application.InDatabaseAsync(db => db.Subscriptions.AsNoTracking().SingleAsync(row => row.AccountId == _account));
}
