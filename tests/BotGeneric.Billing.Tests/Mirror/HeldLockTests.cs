using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Mirror;
using BotGeneric.Billing.Paddle;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>Somebody works at a payer for long: what else is there goes on.</summary>
public sealed class HeldLockTests(MirrorApplication application) : IClassFixture<MirrorApplication>
{
    private readonly string _prefix = $"held{Guid.CreateVersion7().ToString("N")[^10..]}x";

    [Theory]
    [InlineData("payer")]
    [InlineData("transaction")]
    public async Task An_event_of_a_payer_or_transaction_that_is_held_is_put_off_without_an_attempt_and_applied_later(string what)
    {
        var account = Guid.CreateVersion7();
        var payment = PaddleStory.Tell(_prefix, PaddleStory.OrdinarySeed, [], [BillingApplication.References.Create(Guid.CreateVersion7(), account)]).Events
            .First(told => told.EventType.StartsWith("transaction.", StringComparison.Ordinal) && told.Body.Contains($"\"ctm_{_prefix}\"", StringComparison.Ordinal));
        var (lockClass, key) = what == "payer" ? (0x7061_7965, $"ctm_{_prefix}") : (0x7472_616e, TransactionOf(payment));
        await application.StoreAsync([payment]);
        await using var hold = await DatabaseHold.TakeAsync(application.Database, "l.locktype = 'advisory'", $"SELECT pg_advisory_lock({lockClass}, hashtext('{key}'))");

        var due = await ApplyNextAsync();
        var waited = await ReadAsync(payment.EventId);
        await hold.LetGoAsync();
        application.Clock.Advance(TimeSpan.FromSeconds(2));
        await application.ApplyAsync();

        Assert.True(due);
        Assert.Equal((WebhookEventStatus.Pending, 0, null), (waited.Status, waited.Attempts, waited.Error));
        Assert.True(waited.NextAttemptAt > waited.ReceivedAt);
        Assert.Equal((WebhookEventStatus.Applied, 1), ((await ReadAsync(payment.EventId)).Status, (await ReadAsync(payment.EventId)).Attempts));
    }

    [Fact]
    public async Task An_event_with_a_price_of_no_plan_is_put_off_while_plans_are_given_and_one_with_a_plan_is_not()
    {
        var (unknown, known) = ($"sub_{_prefix}u", $"sub_{_prefix}k");
        await application.StoreAsync(BillingApplication.SubscriptionEvent(unknown, price: $"pri_{_prefix}", eventId: $"evt_{_prefix}u"));
        await application.StoreAsync(BillingApplication.SubscriptionEvent(known));
        // "plan" in ASCII.
        await using var hold = await DatabaseHold.TakeAsync(application.Database, "l.locktype = 'advisory'", $"SELECT pg_advisory_lock({0x706c_616e}, 0)");

        Assert.True(await ApplyNextAsync());
        Assert.True(await ApplyNextAsync());
        var waited = await ReadAsync($"evt_{_prefix}u");
        var found = await application.InDatabaseAsync(db => db.Subscriptions.Where(row => row.PaddleId == known || row.PaddleId == unknown).Select(row => row.PaddleId).ToListAsync());
        await hold.LetGoAsync();
        application.Clock.Advance(TimeSpan.FromSeconds(2));
        await application.ApplyAsync();

        Assert.Equal((WebhookEventStatus.Pending, 0), (waited.Status, waited.Attempts));
        Assert.Equal([known], found);
        Assert.Equal((WebhookEventStatus.Applied, 1), ((await ReadAsync($"evt_{_prefix}u")).Status, (await ReadAsync($"evt_{_prefix}u")).Attempts));
    }

    [Fact]
    public void What_is_held_for_long_is_asked_for_less_often_and_what_was_free_is_forgotten()
    {
        var clock = new BotGeneric.Testing.Services.TestClock(standsStill: true);
        var held = new HeldLocks(clock);

        Assert.False(held.Knows("ctm_1"));
        Assert.Equal(TimeSpan.FromSeconds(1), held.Note("ctm_1"));
        clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(TimeSpan.FromSeconds(4), held.Note("ctm_1"));
        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1)), (held.Note("ctm_1"), held.Note("ctm_2")));
        held.Forget("ctm_1");
        Assert.Equal((false, true), (held.Knows("ctm_1"), held.Knows("ctm_2")));
        clock.Advance(TimeSpan.FromMinutes(2));
        held.Note("ctm_3");
        Assert.False(held.Knows("ctm_2"));
    }

    private static string TransactionOf(StoryEvent told) =>
        System.Text.Json.JsonDocument.Parse(told.Body).RootElement.GetProperty("data").GetProperty("id").GetString()!;

    private Task<WebhookEvent> ReadAsync(string eventId) =>
        application.InDatabaseAsync(db => db.WebhookEvents.AsNoTracking().SingleAsync(row => row.EventId == eventId));

    private async Task<bool> ApplyNextAsync()
    {
        await using var scope = application.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<PaddleInbox>().ApplyNextAsync(CancellationToken.None);
    }
}
