using System.Globalization;
using System.Text.Json;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Payments;
using BotGeneric.Billing.Reconciliation;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>A payment of which nothing was delivered, and that was changed long after it was paid: it counts from when it was paid.</summary>
public sealed class BackfilledPaymentTests(MirrorApplication application) : IClassFixture<MirrorApplication>
{
    private readonly string _prefix = $"bfl{Guid.CreateVersion7().ToString("N")[^10..]}x";
    private readonly Guid _account = Guid.CreateVersion7();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_is_earned_and_told_as_of_the_moment_when_the_money_was_taken(bool isCompared)
    {
        var story = Tell();
        await DeliverAsync(story, told => !told.EventType.StartsWith("transaction.", StringComparison.Ordinal));
        var paid = Paid(story);
        var takenAt = Assert.Single(paid.Payments).CapturedAt!.Value;
        var before = await GrossAsync(takenAt);

        if (isCompared)
        {
            await CompareAsync(paid with { UpdatedAt = takenAt.AddDays(40) });
        }
        else
        {
            // All that is ever delivered of it says that its invoice has another address now.
            var last = story.Events.Last(told => told.EventType == "transaction.completed");
            await application.StoreAsync(last.Body
                .Replace("\"transaction.completed\"", "\"transaction.revised\"", StringComparison.Ordinal)
                .Replace("\"occurred_at\":\"2026-01", "\"occurred_at\":\"2026-03", StringComparison.Ordinal));
            await application.ApplyAsync();
        }

        var kept = await application.InDatabaseAsync(db => db.Transactions.AsNoTracking().SingleAsync(row => row.PaddleId == paid.Id));
        var told = Assert.Single(await application.InDatabaseAsync(db => Picture.PaymentsAsync(db, _prefix)));
        Assert.True(kept.LastEventAt > takenAt.AddDays(20));
        Assert.Equal((takenAt, takenAt), (kept.CompletedAt!.Value, told.OccurredAt));
        Assert.Equal(30m, await GrossAsync(takenAt) - before);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_gives_no_access_back_that_its_own_chargeback_has_taken(bool isMomentSaid)
    {
        var story = Tell(StoryStep.ChargeBack);
        await DeliverAsync(story, told => !told.EventType.StartsWith("transaction.", StringComparison.Ordinal));
        var paid = Paid(story);

        await CompareAsync(paid with { UpdatedAt = story.Events[^1].OccurredAt.AddDays(1), Payments = isMomentSaid ? paid.Payments : [] });

        var kept = await application.InDatabaseAsync(db => db.Subscriptions.AsNoTracking().SingleAsync(row => row.AccountId == _account));
        Assert.Equal((true, false), (kept.IsChargedBack, kept.GrantsAccess));
    }

    [Fact]
    public async Task What_is_paid_after_a_chargeback_still_gives_access_back()
    {
        var story = Tell(StoryStep.ChargeBack, StoryStep.Renew);

        await DeliverAsync(story, _ => true);

        Assert.True(await application.InDatabaseAsync(db => db.Subscriptions.Where(row => row.AccountId == _account).Select(row => row.GrantsAccess).SingleAsync()));
    }

    private PaddleStory Tell(params StoryStep[] steps) => PaddleStory.Tell(
        _prefix, PaddleStory.OrdinarySeed, [.. steps.Select(step => (step, 0))], [BillingApplication.References.Create(Guid.CreateVersion7(), _account)]);

    private static PaddleTransaction Paid(PaddleStory story)
    {
        using var body = JsonDocument.Parse(story.Events.Last(told => told.EventType == "transaction.completed").Body);
        return body.RootElement.GetProperty("data").Deserialize(PaddleJson.Default.PaddleTransaction)!;
    }

    private async Task DeliverAsync(PaddleStory story, Func<StoryEvent, bool> isDelivered)
    {
        await application.StoreAsync(story.Events.Where(isDelivered));
        await application.ApplyAsync();
    }

    private async Task CompareAsync(PaddleTransaction entity)
    {
        await using var scope = application.Services.CreateAsyncScope();
        var compared = await scope.ServiceProvider.GetRequiredService<MirrorReconciler>().CompareAsync(Guid.CreateVersion7(), entity, CancellationToken.None);
        Assert.Equal((true, true), (compared.IsDifferent, compared.IsHealed));
    }

    private async Task<decimal> GrossAsync(DateTimeOffset at)
    {
        var month = new DateTimeOffset(at.Year, at.Month, 1, 0, 0, 0, TimeSpan.Zero);
        await using var scope = application.Services.CreateAsyncScope();
        var report = await scope.ServiceProvider.GetRequiredService<Revenue>().ReadAsync(month, month.AddMonths(1), CancellationToken.None);
        return report.Items.Where(row => row.Currency == "USD").Sum(row => decimal.Parse(row.Gross, CultureInfo.InvariantCulture));
    }
}
