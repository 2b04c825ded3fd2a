using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Messaging;
using BotGeneric.Billing.Subscriptions;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>Paddle goes on speaking of somebody who was erased here. What it says counts, and is not kept.</summary>
public sealed class ErasedPayerTests(MirrorApplication application) : IClassFixture<MirrorApplication>
{
    private static readonly Guid Checkout = Guid.CreateVersion7();
    private readonly string _prefix = $"era{Guid.CreateVersion7().ToString("N")[^10..]}x";
    private readonly Guid _account = Guid.CreateVersion7();

    [Fact]
    public async Task What_comes_after_an_erasure_counts_and_leaves_no_body()
    {
        var before = Tell();
        await DeliverAsync(before.Events.Select(told => told.Body));
        await application.Services.EraseAsync<BillingDbContext>(_account);

        var whole = Tell(StoryStep.Renew, StoryStep.Refund, StoryStep.SaveCard, StoryStep.Cancel);
        var later = whole.Events.Skip(before.Events.Count).ToList();
        await DeliverAsync(later.Select(told => told.Body));

        var kept = await application.InDatabaseAsync(db => db.WebhookEvents.AsNoTracking().Where(row => row.EventId.StartsWith($"evt_{_prefix}")).ToListAsync());
        Assert.Equal(whole.Events.Count, kept.Count);
        Assert.DoesNotContain(kept, row => row.Body.Contains(whole.Customer, StringComparison.Ordinal));
        Assert.All(
            kept.Where(row => later.Exists(told => told.EventId == row.EventId)),
            row => Assert.Equal(("{}", true), (row.Body, row.Status is WebhookEventStatus.Applied or WebhookEventStatus.Superseded)));
        Assert.Equal(
            later.Select(told => (told.EventId, told.EventType)).Order(),
            kept.Where(row => later.Exists(told => told.EventId == row.EventId)).Select(row => (row.EventId, row.EventType)).Order());
        var status = await application.InDatabaseAsync(db => db.Subscriptions.Where(row => row.AccountId == _account).Select(row => row.State.Status).SingleAsync());
        Assert.Equal(SubscriptionStatus.Canceled, status);
        Assert.Null(await application.InDatabaseAsync(db => db.Adjustments.Where(row => row.State.CustomerId == whole.Customer).Select(row => row.State.Reason).SingleAsync()));
    }

    [Fact]
    public async Task An_event_of_a_type_that_nothing_depends_on_leaves_no_body_either()
    {
        await DeliverAsync(Tell().Events.Select(told => told.Body));
        await application.Services.EraseAsync<BillingDbContext>(_account);

        await DeliverAsync([Address($"evt_{_prefix}address", $"ctm_{_prefix}")]);

        var address = await application.InDatabaseAsync(db => db.WebhookEvents.AsNoTracking().SingleAsync(row => row.EventId == $"evt_{_prefix}address"));
        Assert.Equal(("{}", WebhookEventStatus.Ignored), (address.Body, address.Status));
    }

    [Fact]
    public async Task What_is_said_of_others_is_kept()
    {
        await DeliverAsync(Tell().Events.Select(told => told.Body));
        await application.Services.EraseAsync<BillingDbContext>(Guid.CreateVersion7());

        await DeliverAsync([Address($"evt_{_prefix}address", $"ctm_{_prefix}")]);

        var kept = await application.InDatabaseAsync(db => db.WebhookEvents.AsNoTracking().Where(row => row.EventId.StartsWith($"evt_{_prefix}")).ToListAsync());
        Assert.All(kept, row => Assert.Contains("event_id", row.Body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_event_that_waited_while_the_payer_was_erased_counts_and_is_emptied_then()
    {
        var before = Tell();
        await DeliverAsync(before.Events.Select(told => told.Body));
        var later = Tell(StoryStep.Cancel).Events.Skip(before.Events.Count).ToList();
        await application.StoreAsync(later);
        await application.Services.EraseAsync<BillingDbContext>(_account);
        var waiting = await application.InDatabaseAsync(db => db.WebhookEvents.AsNoTracking().Where(row => row.Status == WebhookEventStatus.Pending).ToListAsync());

        await application.ApplyAsync();

        Assert.Equal(later.Count, waiting.Count(row => row.Body.Contains(_prefix, StringComparison.Ordinal)));
        Assert.False(await application.InDatabaseAsync(db => db.WebhookEvents.AnyAsync(row => row.Body.Contains($"ctm_{_prefix}"))));
        Assert.Equal(
            SubscriptionStatus.Canceled,
            await application.InDatabaseAsync(db => db.Subscriptions.Where(row => row.AccountId == _account).Select(row => row.State.Status).SingleAsync()));
    }

    [Fact]
    public async Task An_event_that_is_applied_in_the_middle_of_an_erasure_is_emptied_as_well()
    {
        var before = Tell();
        await DeliverAsync(before.Events.Select(told => told.Body));
        await application.StoreAsync(Tell(StoryStep.SaveCard).Events.Skip(before.Events.Count));
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BillingDbContext>();
        await using var erasure = await db.Database.BeginTransactionAsync();
        await new PersonEraser().EraseAsync(_account, db, CancellationToken.None);
        await db.SaveChangesAsync();

        var applying = application.ApplyAsync();
        await Eventually.GetAsync(IsWaitedForAsync, isWaitedFor => isWaitedFor || applying.IsCompleted, "the worker to come to the payer");
        await erasure.CommitAsync();
        await applying;

        Assert.False(await application.InDatabaseAsync(other => other.WebhookEvents.AnyAsync(row => row.Body.Contains($"ctm_{_prefix}"))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_payer_that_is_heard_of_only_after_the_erasure_is_forgotten_at_once(bool isForAnOrganization)
    {
        var person = isForAnOrganization ? Guid.CreateVersion7() : _account;
        var checkout = await BeginAsync(person);
        var story = PaddleStory.Tell(
            _prefix, PaddleStory.OrdinarySeed, [(StoryStep.Renew, 0), (StoryStep.Refund, 0), (StoryStep.Cancel, 0)], [BillingApplication.References.Create(checkout, _account)]);
        await application.Services.EraseAsync<BillingDbContext>(person);

        await DeliverAsync(story.Events.Select(told => told.Body));

        var payer = await application.InDatabaseAsync(db => db.Customers.AsNoTracking().SingleAsync(row => row.PaddleId == story.Customer));
        Assert.Equal((true, null, null), (payer.IsErased, payer.Name, payer.Email));
        Assert.False(await application.InDatabaseAsync(db => db.WebhookEvents.AnyAsync(row => row.Body.Contains(story.Customer))));
        Assert.Equal(
            SubscriptionStatus.Canceled,
            await application.InDatabaseAsync(db => db.Subscriptions.Where(row => row.AccountId == _account).Select(row => row.State.Status).SingleAsync()));
        Assert.False(await application.InDatabaseAsync(db => db.Adjustments.AnyAsync(row => row.State.CustomerId == story.Customer && row.State.Reason != null)));
    }

    [Fact]
    public async Task A_payer_that_turns_out_to_be_the_person_in_the_middle_of_the_erasure_is_forgotten_as_well()
    {
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BillingDbContext>();
        await using var erasure = await db.Database.BeginTransactionAsync();
        await new PersonEraser().EraseAsync(_account, db, CancellationToken.None);
        await db.SaveChangesAsync();
        foreach (var told in Tell().Events)
        {
            await application.StoreAsync(told.Body);
        }

        var applying = application.ApplyAsync();
        await Eventually.GetAsync(IsWaitedForAsync, isWaitedFor => isWaitedFor || applying.IsCompleted, "the worker to come to the person");
        await erasure.CommitAsync();
        await applying;

        Assert.True(await application.InDatabaseAsync(other => other.Customers.Where(row => row.PaddleId == $"ctm_{_prefix}").Select(row => row.IsErased).SingleAsync()));
        Assert.False(await application.InDatabaseAsync(other => other.WebhookEvents.AnyAsync(row => row.Body.Contains($"ctm_{_prefix}"))));
    }

    [Fact]
    public async Task A_payer_that_an_admin_links_to_somebody_who_was_erased_is_forgotten()
    {
        var story = PaddleStory.Tell(_prefix, PaddleStory.OrdinarySeed, [], [null]);
        await DeliverAsync(story.Events.Select(told => told.Body));
        await application.Services.EraseAsync<BillingDbContext>(_account);
        await using var scope = application.Services.CreateAsyncScope();

        await scope.ServiceProvider.GetRequiredService<CustomerLinks>().LinkAsync(story.Customer, _account, "an admin", "x", CancellationToken.None);

        Assert.True(await application.InDatabaseAsync(db => db.Customers.Where(row => row.PaddleId == story.Customer).Select(row => row.IsErased).SingleAsync()));
        Assert.False(await application.InDatabaseAsync(db => db.WebhookEvents.AnyAsync(row => row.Body.Contains(story.Customer))));
    }

    [Fact]
    public async Task An_event_that_was_emptied_stays_so_when_Paddle_delivers_it_again()
    {
        var story = Tell();
        await DeliverAsync(story.Events.Select(told => told.Body));
        await application.Services.EraseAsync<BillingDbContext>(_account);
        var before = await KeptAsync();

        foreach (var told in story.Events)
        {
            Assert.False(await application.StoreAsync(told.Body));
        }

        await application.ApplyAsync();
        Assert.Equal(before, await KeptAsync());
        Assert.DoesNotContain(before, row => row.Body.Contains(story.Customer, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_event_that_was_emptied_before_it_could_be_tried_again_is_left_alone()
    {
        var told = Tell().Events[0];
        await application.StoreAsync(told.Body);
        await application.InDatabaseAsync(db => db.WebhookEvents
            .Where(row => row.EventId == told.EventId)
            .ExecuteUpdateAsync(row => row.SetProperty(one => one.Body, WebhookEvent.EmptyBody)));

        await application.ApplyAsync();

        Assert.Equal(WebhookEventStatus.Ignored, (await KeptAsync()).Single().Status);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Who_typed_an_address_and_did_not_pay_is_forgotten_whenever_the_provider_speaks_of_it(bool isForAnOrganization, bool isErasedFirst)
    {
        var person = isForAnOrganization ? Guid.CreateVersion7() : _account;
        var checkout = await BeginAsync(person);
        var unpaid = Unpaid(PaddleStory.Tell(_prefix, PaddleStory.OrdinarySeed, [], [BillingApplication.References.Create(checkout, _account)]));
        if (!isErasedFirst)
        {
            await DeliverAsync(unpaid);
        }

        await application.Services.EraseAsync<BillingDbContext>(person);
        if (isErasedFirst)
        {
            await DeliverAsync(unpaid);
        }

        var payer = await application.InDatabaseAsync(db => db.Customers.AsNoTracking().SingleAsync(row => row.PaddleId == $"ctm_{_prefix}"));
        Assert.Equal((true, null, null), (payer.IsErased, payer.Name, payer.Email));
        Assert.False(await application.InDatabaseAsync(db => db.WebhookEvents.AnyAsync(row => row.Body.Contains($"ctm_{_prefix}"))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Somebody_elses_address_that_was_only_typed_is_theirs(bool hasPaid)
    {
        var checkout = await BeginAsync(_account);
        var (ours, theirs) = (BillingApplication.References.Create(checkout, _account), BillingApplication.References.Create(Guid.CreateVersion7(), Guid.CreateVersion7()));
        if (hasPaid)
        {
            // They bought before from a page of the provider's, and nobody knows who they are.
            var both = PaddleStory.Tell(_prefix, PaddleStory.OrdinarySeed, [], [null, ours]);
            var first = PaddleStory.Tell(_prefix, PaddleStory.OrdinarySeed, [], [null]).Events.Count;
            await DeliverAsync([.. both.Events.Take(first).Select(told => told.Body), .. Unpaid(both, first)]);
        }
        else
        {
            var both = PaddleStory.Tell(_prefix, PaddleStory.OrdinarySeed, [], [ours, theirs]);
            var first = PaddleStory.Tell(_prefix, PaddleStory.OrdinarySeed, [], [ours]).Events.Count;
            await DeliverAsync([.. Unpaid(both), .. Unpaid(both, first)]);
        }

        await application.Services.EraseAsync<BillingDbContext>(_account);

        var payer = await application.InDatabaseAsync(db => db.Customers.AsNoTracking().SingleAsync(row => row.PaddleId == $"ctm_{_prefix}"));
        Assert.False(payer.IsErased);
        Assert.NotNull(payer.Email);
    }

    private Task<bool> IsWaitedForAsync() => application.InDatabaseAsync(other => other.Database.SqlQuery<bool>(
        $"""
        SELECT EXISTS (
            SELECT 1 FROM pg_locks
            WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS "Value"
        """).SingleAsync());

    private static string Address(string eventId, string customer) =>
        $$"""
        {
          "event_id": "{{eventId}}", "event_type": "address.updated", "occurred_at": "2026-02-01T10:00:00.000000000Z", "notification_id": "ntf_1",
          "data": { "id": "add_1", "customer_id": "{{customer}}", "first_line": "4050 Jefferson Plaza", "city": "New York" }
        }
        """;

    private PaddleStory Tell(params StoryStep[] steps) =>
        PaddleStory.Tell(_prefix, PaddleStory.OrdinarySeed, [.. steps.Select(step => (step, 0))], [BillingApplication.References.Create(Checkout, _account)]);

    private async Task DeliverAsync(IEnumerable<string> bodies)
    {
        foreach (var body in bodies)
        {
            await application.StoreAsync(body);
        }

        await application.ApplyAsync();
    }

    private async Task<Guid> BeginAsync(Guid person)
    {
        var checkout = Guid.CreateVersion7();
        await application.InDatabaseAsync(async db =>
        {
            var plan = await db.Plans.Include(row => row.Prices).FirstAsync(row => row.Prices.Count > 0);
            db.Add(Domain.Checkout.Begin(checkout, _account, plan, plan.Prices[0], trialDays: null, person.ToString(), application.Clock.GetUtcNow()));
            return await db.SaveChangesAsync();
        });
        return checkout;
    }

    // A purchase as far as it goes without a payment.
    private static IEnumerable<string> Unpaid(PaddleStory story, int from = 0) =>
        story.Events.Skip(from).TakeWhile(told => told.EventType != "transaction.paid").Select(told => told.Body);

    private Task<List<(string EventId, WebhookEventStatus Status, int Attempts, string Body)>> KeptAsync() => application.InDatabaseAsync(async db =>
        (await db.WebhookEvents.AsNoTracking().Where(row => row.EventId.StartsWith($"evt_{_prefix}")).OrderBy(row => row.EventId).ToListAsync())
            .ConvertAll(row => (row.EventId, row.Status, row.Attempts, row.Body)));
}
