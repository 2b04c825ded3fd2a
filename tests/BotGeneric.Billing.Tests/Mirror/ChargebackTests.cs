using BotGeneric.Billing.Api;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Payments;
using BotGeneric.Billing.Subscriptions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>Money that a bank has taken and that comes back: what the others are told, what was earned, and what a payment shows.</summary>
public sealed class ChargebackTests(MirrorApplication application) : IClassFixture<MirrorApplication>
{
    private static readonly Guid Checkout = Guid.CreateVersion7();
    private readonly string _prefix = $"chb{Guid.CreateVersion7().ToString("N")[^10..]}x";
    private readonly Guid _account = Guid.CreateVersion7();

    public static TheoryData<string, bool> Ways { get; } = new()
    {
        { nameof(StoryStep.ReverseChargeBack), false },
        { nameof(StoryStep.ReverseChargeBack), true },
        { nameof(StoryStep.ReverseByStatus), false },
        { nameof(StoryStep.ReverseByStatus), true },
        { nameof(StoryStep.ReverseByAdjustment), false },
        { nameof(StoryStep.ReverseByAdjustment), true },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task However_the_provider_says_that_a_chargeback_was_won_the_others_are_told_the_same_in_any_order(string way, bool isReversed)
    {
        var story = Tell(StoryStep.ChargeBack, Enum.Parse<StoryStep>(way));
        foreach (var told in isReversed ? story.Events.Reverse() : story.Events)
        {
            await DeliverAsync(told);
        }

        var back = await application.InDatabaseAsync(db => Picture.RefundsAsync(db, _prefix));
        Assert.Equal(["chargeback", "chargeback_reverse"], back.Select(one => one.Action));
        Assert.Single(back.Select(one => (one.AdjustmentId, one.TransactionId, one.AccountId, one.SubscriptionId)).Distinct());
        Assert.Equal((30m, -30m), (back[0].Amount, back[1].Amount));
        Assert.True(await application.InDatabaseAsync(db => db.Subscriptions.Where(row => row.AccountId == _account).Select(row => row.GrantsAccess).SingleAsync()));
    }

    [Fact]
    public async Task Money_is_told_to_come_back_as_soon_as_that_is_known_and_not_again()
    {
        var story = Tell(StoryStep.ChargeBack, StoryStep.ReverseChargeBack);
        var (status, reverse) = (story.Events[^2], story.Events[^1]);
        foreach (var told in story.Events.SkipLast(2))
        {
            await DeliverAsync(told);
        }

        Assert.Equal(30m, await SumAsync());
        await DeliverAsync(status);
        Assert.Equal(0m, await SumAsync());
        await DeliverAsync(reverse);
        await DeliverAsync(story.Events);

        Assert.Equal(2, (await application.InDatabaseAsync(db => Picture.RefundsAsync(db, _prefix))).Count);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task What_was_won_is_earned_again_and_no_payment_shows_it_as_given_back(string way, bool isReversed)
    {
        var before = await RefundsOfRevenueAsync();
        var story = Tell(StoryStep.ChargeBack, Enum.Parse<StoryStep>(way));
        await DeliverAsync(isReversed ? story.Events.Reverse() : story.Events);

        Assert.Equal(before, await RefundsOfRevenueAsync());
        await application.InDatabaseAsync(async db =>
        {
            var payment = await db.Transactions.AsNoTracking().SingleAsync(row => row.PaddleId.Contains(_prefix));
            var adjustments = await db.Adjustments.AsNoTracking().Where(row => row.State.TransactionId == payment.PaddleId).ToListAsync();
            Assert.Equal("0.00", PaymentView.From(payment, null, hasReceipt: true, adjustments, CurrencyTable.Iso4217).Refunded.Amount);
        });
    }

    [Fact]
    public async Task A_chargeback_that_names_no_subscription_shows_with_the_one_whose_access_it_takes()
    {
        var story = Tell(StoryStep.ChargeBack);
        var told = story.Events[^1];
        var nameless = told with { Body = told.Body.Replace($"\"{story.Subscriptions[0]}\"", "null", StringComparison.Ordinal) };
        Assert.NotEqual(told.Body, nameless.Body);
        await DeliverAsync([.. story.Events.SkipLast(1), nameless]);

        await using var scope = application.Services.CreateAsyncScope();
        var subscription = await scope.ServiceProvider.GetRequiredService<BillingDbContext>().Subscriptions.AsNoTracking().SingleAsync(row => row.AccountId == _account);
        var detail = await scope.ServiceProvider.GetRequiredService<SubscriptionReader>().FindAsync(subscription.Id, CancellationToken.None);
        var timeline = await scope.ServiceProvider.GetRequiredService<SubscriptionTimelineReader>().ReadAsync(subscription, after: null, 50, CancellationToken.None);

        Assert.False(subscription.GrantsAccess);
        Assert.Equal("chargeback", Assert.Single(detail!.Adjustments).Action);
        Assert.Equal("chargeback", Assert.Single(timeline, entry => entry.Kind == TimelineKind.Adjustment).What);
    }

    private PaddleStory Tell(params StoryStep[] steps) =>
        PaddleStory.Tell(_prefix, PaddleStory.OrdinarySeed, [.. steps.Select(step => (step, 0))], [BillingApplication.References.Create(Checkout, _account)]);

    private async Task DeliverAsync(params IEnumerable<StoryEvent> events)
    {
        await application.StoreAsync(events);
        await application.ApplyAsync();
    }

    private async Task<decimal> SumAsync() => (await application.InDatabaseAsync(db => Picture.RefundsAsync(db, _prefix))).Sum(one => one.Amount);

    private async Task<decimal> RefundsOfRevenueAsync()
    {
        await using var scope = application.Services.CreateAsyncScope();
        var revenue = scope.ServiceProvider.GetRequiredService<Revenue>();
        var report = await revenue.ReadAsync(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2040, 1, 1, 0, 0, 0, TimeSpan.Zero), CancellationToken.None);
        return report.Items.Where(month => month.Currency == "USD").Sum(month => decimal.Parse(month.Refunds, System.Globalization.CultureInfo.InvariantCulture));
    }
}
