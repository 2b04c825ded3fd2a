using BotGeneric.Billing.Checkouts;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Mirror;
using BotGeneric.Billing.Subscriptions;
using BotGeneric.Contracts.Billing.V1;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>Whose it is, which one counts as the account's, and what ends by the clock.</summary>
public sealed class OwnershipTests(MirrorApplication application) : IClassFixture<MirrorApplication>
{
    private readonly string _prefix = $"own{Guid.CreateVersion7().ToString("N")[^10..]}x";
    private readonly Guid _account = Guid.CreateVersion7();

    [Fact]
    public async Task A_payer_whom_nobody_knows_gets_an_account_and_goes_to_the_one_that_an_admin_names()
    {
        await DeliverAsync(PaddleStory.Tell(_prefix, PaddleStory.OrdinarySeed, [], [null]));
        var before = Assert.Single(await OfPayerAsync());
        Assert.False(before.IsLinked);

        await using (var scope = application.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<BillingDbContext>();
            await using var transaction = await db.Database.BeginTransactionAsync();
            Assert.NotNull(await scope.ServiceProvider.GetRequiredService<Payers>().LinkAsync($"ctm_{_prefix}", _account, CancellationToken.None));
            await db.SaveChangesAsync();
            await transaction.CommitAsync();
        }

        var after = Assert.Single(await OfPayerAsync());
        Assert.Equal((_account, true, true), (after.AccountId, after.IsLinked, after.IsPrimary));
        var told = (await application.InDatabaseAsync(Picture.ToldAsync<SubscriptionChanged>)).Where(one => one.SubscriptionId == after.Id).MaxBy(one => one.Revision)!;
        Assert.Equal(_account, told.AccountId);
        Assert.Equal(_account, (await application.InDatabaseAsync(db => db.Transactions.AsNoTracking().SingleAsync(row => row.PaddleId.Contains(_prefix)))).AccountId);
    }

    [Fact]
    public async Task Whoever_types_somebodys_address_at_our_checkout_gets_nothing_of_theirs()
    {
        await DeliverAsync(PaddleStory.Tell(_prefix, PaddleStory.OrdinarySeed, [], [null, Reference()]));

        Assert.Equal([false, true], (await OfPayerAsync()).OrderBy(row => row.State.StartedAt).Select(row => row.AccountId == _account));
        await using var scope = application.Services.CreateAsyncScope();
        Assert.False(await scope.ServiceProvider.GetRequiredService<AccountPayers>().MayShowAsync($"ctm_{_prefix}", _account, CancellationToken.None));
    }

    [Fact]
    public async Task Of_two_subscriptions_the_first_is_primary_both_entitle_and_the_second_follows_when_the_first_ends()
    {
        string?[] references = [Reference(), Reference()];
        await DeliverAsync(PaddleStory.Tell(_prefix, PaddleStory.OrdinarySeed, [], references), backwards: true);
        var both = await OfPayerAsync();
        Assert.Equal([true, false], both.OrderBy(row => row.State.StartedAt).Select(row => row.IsPrimary));
        Assert.All(both, row => Assert.True(row.GrantsAccess));

        await DeliverAsync(PaddleStory.Tell(_prefix, PaddleStory.OrdinarySeed, [(StoryStep.Cancel, 0)], references));

        Assert.Equal([false, true], (await OfPayerAsync()).OrderBy(row => row.State.StartedAt).Select(row => row.IsPrimary));
    }

    [Fact]
    public async Task When_grace_is_over_access_ends_once_and_the_others_are_told()
    {
        var story = PaddleStory.Tell(_prefix, PaddleStory.OrdinarySeed, [(StoryStep.FailToRenew, 0)], [Reference()]);
        var shift = TimeProvider.System.GetUtcNow() - story.Events[^1].OccurredAt - TimeSpan.FromDays(1);
        await DeliverAsync(story, shift: shift);
        Assert.True(Assert.Single(await OfPayerAsync()).GrantsAccess);
        Assert.False(await EndAccessAsync());

        application.Clock.Advance(TimeSpan.FromDays(7));
        try
        {
            Assert.True(await EndAccessAsync());
            Assert.False(await EndAccessAsync());
        }
        finally
        {
            application.Clock.Advance(-TimeSpan.FromDays(7));
        }

        var subscription = Assert.Single(await OfPayerAsync());
        Assert.Equal((SubscriptionStatus.PastDue, false), (subscription.State.Status, subscription.GrantsAccess));
        var told = (await application.InDatabaseAsync(Picture.ToldAsync<SubscriptionChanged>)).Where(one => one.SubscriptionId == subscription.Id).MaxBy(one => one.Revision)!;
        Assert.False(told.GrantsAccess);
    }

    [Fact]
    public async Task What_was_given_ends_at_its_time_and_leaves_room_for_what_is_paid()
    {
        var now = application.Clock.GetUtcNow();
        await InSettlementAsync(async (db, settlement) =>
        {
            var plan = await db.Plans.SingleAsync(row => row.Code == "pro");
            var gift = Subscription.Comp(Guid.CreateVersion7(), _account, plan, now.AddMinutes(1), now);
            db.Add(gift);
            settlement.WatchNew(gift);
        });
        Assert.True(Assert.Single(await OfAccountAsync()).IsPrimary);
        Assert.True(await application.InDatabaseAsync(async _ =>
        {
            await using var scope = application.Services.CreateAsyncScope();
            return await scope.ServiceProvider.GetRequiredService<AccessEnds>().NextAsync(CancellationToken.None) <= now.AddMinutes(1);
        }));

        await DeliverAsync(PaddleStory.Tell(_prefix, PaddleStory.OrdinarySeed, [], [Reference()]));
        Assert.True(Assert.Single(await OfPayerAsync()).IsPrimary);
        application.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.True(await EndAccessAsync());

        var ended = Assert.Single(await OfAccountAsync(), row => row.Source == SubscriptionSource.Comped);
        Assert.Equal((SubscriptionStatus.Canceled, false, false), (ended.State.Status, ended.GrantsAccess, ended.IsPrimary));
    }

    [Fact]
    public async Task A_checkout_is_done_when_it_is_paid_and_given_up_when_its_transaction_is_canceled()
    {
        var (paid, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await application.InDatabaseAsync(async db =>
        {
            var plan = await db.Plans.Include(row => row.Prices).SingleAsync(row => row.Code == "pro");
            db.Add(Checkout.Begin(paid, _account, plan, plan.Prices[0], trialDays: null, "somebody", application.Clock.GetUtcNow()));
            db.Add(Checkout.Begin(other, Guid.CreateVersion7(), plan, plan.Prices[0], trialDays: null, "somebody", application.Clock.GetUtcNow()));
            await db.SaveChangesAsync();
        });
        var story = PaddleStory.Tell(_prefix, PaddleStory.OrdinarySeed, [], [BillingApplication.References.Create(paid, _account)]);
        var draft = PaddleStory.Tell($"{_prefix}b", PaddleStory.OrdinarySeed, [], [BillingApplication.References.Create(other, _account)]).Events[0];

        await DeliverAsync(story);
        Assert.True(await application.StoreAsync(draft.Body.Replace("\"status\":\"draft\"", "\"status\":\"canceled\"", StringComparison.Ordinal)));
        await application.ApplyAsync();

        var states = await application.InDatabaseAsync(db => db.Checkouts.Where(row => row.Id == paid || row.Id == other).ToDictionaryAsync(row => row.Id, row => row.Status));
        Assert.Equal((CheckoutStatus.Completed, CheckoutStatus.Abandoned), (states[paid], states[other]));
    }

    private string Reference() => BillingApplication.References.Create(Guid.CreateVersion7(), _account);

    private async Task DeliverAsync(PaddleStory story, bool backwards = false, TimeSpan shift = default)
    {
        var events = shift == default ? story.Events : [.. story.Events.Select(told => Shifted(told, shift))];
        await application.StoreAsync(backwards ? events.Reverse() : events);
        await application.ApplyAsync();
    }

    private static StoryEvent Shifted(StoryEvent told, TimeSpan shift) => told with
    {
        Body = System.Text.RegularExpressions.Regex.Replace(
            told.Body,
            @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z",
            match => (DateTimeOffset.Parse(match.Value, System.Globalization.CultureInfo.InvariantCulture) + shift).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", System.Globalization.CultureInfo.InvariantCulture)),
    };

    private async Task<bool> EndAccessAsync()
    {
        await using var scope = application.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<AccessEnds>().EndNextAsync(CancellationToken.None);
    }

    private async Task InSettlementAsync(Func<BillingDbContext, Settlement, Task> work)
    {
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BillingDbContext>();
        var settlement = scope.ServiceProvider.GetRequiredService<Settlement>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await work(db, settlement);
        await settlement.SettleAsync(CancellationToken.None);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
    }

    private Task<List<Subscription>> OfPayerAsync() =>
        application.InDatabaseAsync(db => db.Subscriptions.AsNoTracking().Where(row => row.CustomerId == $"ctm_{_prefix}").ToListAsync());

    private Task<List<Subscription>> OfAccountAsync() =>
        application.InDatabaseAsync(db => db.Subscriptions.AsNoTracking().Where(row => row.AccountId == _account).ToListAsync());
}
