using System.Diagnostics;
using BotGeneric.Messaging.Outbox;
using BotGeneric.Messaging.TestHost;
using BotGeneric.Messaging.Tests.Support;
using BotGeneric.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BotGeneric.Messaging.Tests;

/// <summary>Traces, metrics, what the outbox refuses, and what is forgotten.</summary>
public sealed class ObservationTests
{
    [Fact]
    public async Task One_trace_runs_from_the_change_to_the_effect_also_through_a_batch()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is MessagingDiagnostics.Name or "test",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource("test");
        await using var world = await LedgerWorld.CreateAsync();
        var host = await world.StartAsync(LedgerRoles.All);
        var expected = new Dictionary<Guid, string>();
        foreach (var entry in (OutboxEvent[])[Some.Deposit("a"), Some.Deposit("b"), .. Some.Measurements(5)])
        {
            using var change = source.StartActivity("change")!;
            expected[entry.Event.EventId] = change.TraceId.ToString();
            await world.InsertAsync(entry);
        }

        // Also through a context, in the transaction of its own changes.
        using (var change = source.StartActivity("change")!)
        await using (var scope = host.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<LedgerDb>();
            var deposited = (Deposited)Some.Deposit("c").Event;
            scope.ServiceProvider.GetRequiredService<IOutbox>().Add(db, deposited, "c");
            await db.SaveChangesAsync();
            expected[deposited.EventId] = change.TraceId.ToString();
        }

        await world.EffectsAsync(expected.Count);
        foreach (var (eventId, traceId) in expected)
            Assert.Equal(traceId, await world.ScalarAsync<string>($"SELECT trace_id FROM effects WHERE event_id = '{eventId}'"));
        Assert.Equal(expected.Count, expected.Values.Distinct().Count());
    }

    [Fact]
    public async Task Counters_tell_what_happened()
    {
        using var published = new MeterCount("messaging.outbox.published");
        using var consumed = new MeterCount("messaging.inbox.consumed");
        using var retried = new MeterCount("messaging.inbox.retried");
        using var deadLettered = new MeterCount("messaging.dead_letters");
        await using var world = await LedgerWorld.CreateAsync();
        await world.BreakAsync();
        await world.StartAsync(LedgerRoles.All);
        await world.InsertAsync([.. Some.Deposits("good", 9), Some.Deposit("poison", poison: true)]);

        await Eventually.EqualAsync(1L, () => Task.FromResult(deadLettered.Value), "dead letters counted");
        await Eventually.EqualAsync(9L, () => Task.FromResult(consumed.Value), "messages counted");
        // The publisher counts behind its commit, which may be later than what the consumer does with the message.
        await Eventually.EqualAsync(10L, () => Task.FromResult(published.Value), "messages published");
        Assert.Equal(2, retried.Value);
    }

    [Fact]
    public async Task The_lag_is_that_of_the_oldest_row_that_is_due()
    {
        await using var world = await LedgerWorld.CreateAsync();
        var now = TimeProvider.System.GetUtcNow();
        await world.InsertAsync(
            Some.Deposit() with { NotBefore = now.AddSeconds(-90) }, Some.Deposit() with { NotBefore = now.AddSeconds(-30) },
            Some.Deposit() with { NotBefore = now.AddSeconds(60) });

        var lag = await OutboxLag.MeasureAsync(world.DataSource, now, CancellationToken.None);
        Assert.Equal(2, lag.DueCount);
        Assert.Equal(90, (now - lag.OldestDue!.Value).TotalSeconds, 0.001);
        Assert.Equal(60, (lag.NextDue!.Value - now).TotalSeconds, 0.001);
    }

    [Fact]
    public async Task What_is_rolled_back_is_never_said()
    {
        await using var world = await LedgerWorld.CreateAsync();
        var host = await world.StartAsync(LedgerRoles.Publish | LedgerRoles.ConsumeSingle);
        await using (var scope = host.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<LedgerDb>();
            await using var transaction = await db.Database.BeginTransactionAsync();
            scope.ServiceProvider.GetRequiredService<IOutbox>().Add(db, (Deposited)Some.Deposit("never").Event);
            await db.SaveChangesAsync();
            await transaction.RollbackAsync();
        }

        await world.InsertAsync(Some.Deposit("said"));
        await world.EffectsAsync(1);
        Assert.Equal("said", await world.ScalarAsync<string>("SELECT account FROM effects"));
    }

    [Fact]
    public async Task The_outbox_refuses_what_could_not_be_published()
    {
        await using var world = await LedgerWorld.CreateAsync();
        var host = await world.StartAsync(LedgerRoles.PublishDeposits);
        await using var scope = host.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<LedgerDb>();
        var outbox = scope.ServiceProvider.GetRequiredService<IOutbox>();
        var deposited = (Deposited)Some.Deposit().Event;

        Assert.Throws<InvalidOperationException>(() => outbox.Add(db, (Measured)Some.Measurement().Event));
        Assert.Throws<ArgumentException>(() => outbox.Add(db, deposited with { EventId = Guid.Empty }));
        Assert.Throws<ArgumentException>(() => outbox.Add(db, deposited with { Account = new string('x', OutboxLimits.MaxBodyBytes) }));
        Assert.Empty(db.ChangeTracker.Entries());
    }

    [Fact]
    public async Task What_is_old_is_forgotten_in_chunks()
    {
        await using var world = await LedgerWorld.CreateAsync();
        await world.ExecuteAsync(
            """
            INSERT INTO inbox SELECT 'old', gen_random_uuid(), now() - interval '15 days' FROM generate_series(1, 2500);
            INSERT INTO inbox SELECT 'new', gen_random_uuid(), now() - interval '13 days' FROM generate_series(1, 10);
            INSERT INTO dead_letters (id, direction, queue, body, error, attempts, first_failed_at, last_failed_at, replayed_at)
            SELECT gen_random_uuid(), 'consume', 'old', '', '', 1, now() - interval '200 days', now() - interval '91 days',
                CASE WHEN n % 2 = 0 THEN now() - interval '91 days' END FROM generate_series(1, 20) AS n;
            INSERT INTO dead_letters (id, direction, queue, body, error, attempts, first_failed_at, last_failed_at, replayed_at)
            VALUES (gen_random_uuid(), 'consume', 'new', '', '', 1, now() - interval '200 days', now() - interval '89 days', null),
                (gen_random_uuid(), 'consume', 'new', '', '', 1, now() - interval '200 days', now() - interval '91 days', now());
            """);
        var host = Ledger.Build(world.Database, world.Broker, LedgerRoles.None, options => options.PruneChunk = 1000);
        await using var disposal = host.Scope();
        await host.Services.GetRequiredService<Retention>().PruneAsync(CancellationToken.None);

        Assert.Equal(10, await world.CountAsync("inbox"));
        Assert.Equal(2, await world.CountAsync("dead_letters", "queue = 'new'"));
        Assert.Equal(2, await world.CountAsync("dead_letters"));
    }

    [Fact]
    public async Task Options_that_make_no_sense_stop_the_start()
    {
        await using var world = await LedgerWorld.CreateAsync();
        var host = Ledger.Build(world.Database, world.Broker, LedgerRoles.Publish, options => options.OutboxBatchSize = 0);
        await using var disposal = host.Scope();
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Contains(nameof(MessagingOptions.OutboxBatchSize), failure.Message, StringComparison.Ordinal);
    }
}
