using BotGeneric.Messaging.TestHost;
using BotGeneric.Messaging.Tests.Support;
using BotGeneric.Testing;

namespace BotGeneric.Messaging.Tests;

/// <summary>Processes that die (SIGKILL) at every step of a message's way.</summary>
public sealed class CrashTests
{
    public static TheoryData<string> DispatcherSteps => new(MessagingSteps.Outbox);

    public static TheoryData<LedgerRoles, string> ConsumerSteps
    {
        get
        {
            var data = new TheoryData<LedgerRoles, string>();
            foreach (var step in MessagingSteps.Inbox)
            {
                data.Add(LedgerRoles.ConsumeSingle, step);
                data.Add(LedgerRoles.ConsumeBatch, step);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(DispatcherSteps))]
    public async Task A_dispatcher_that_dies_loses_nothing_and_keeps_the_order(string step)
    {
        await using var world = await LedgerWorld.CreateAsync();
        var tap = await Tap.OpenAsync(world);
        List<OutboxEvent> events = [.. Some.Deposits("x", 10), .. Some.Deposits("y", 10), .. Some.Deposits("free", 20, ordered: false)];
        await world.InsertAsync(events);

        await using (var process = world.StartProcess(LedgerRoles.Publish, step, step == MessagingSteps.OutboxPublished ? 7 : 1))
            await process.ExpectKilledAsync();
        // Only the last step lies behind the commit: until then not a row may have left the table.
        Assert.Equal(step == MessagingSteps.OutboxCommitted ? 0 : events.Count, await world.CountAsync("outbox"));

        await world.StartAsync(LedgerRoles.Publish | LedgerRoles.ConsumeSingle);
        await world.EffectsAsync(events.Count);
        await world.OutboxEmptyAsync();
        await world.AssertExactlyOnceAsync(events);
        tap.AssertOrdered(["x", "y"], 10);
    }

    [Theory]
    [MemberData(nameof(ConsumerSteps))]
    public async Task A_consumer_that_dies_has_every_effect_once(LedgerRoles role, string step)
    {
        await using var world = await LedgerWorld.CreateAsync();
        var events = role == LedgerRoles.ConsumeSingle ? Some.Deposits("x", 40, ordered: false) : Some.Measurements(40);
        await world.PublishAsync(events);

        await using (var process = world.StartProcess(role, step, role == LedgerRoles.ConsumeSingle ? 5 : 1))
            await process.ExpectKilledAsync();
        var before = await world.CountAsync("effects");
        Assert.True(step == MessagingSteps.InboxCommitted || before < events.Count, $"{before} effects were committed by a process that died before.");

        // When the broker has seen the consumer go, it has put back whatever was not acknowledged.
        var queue = role == LedgerRoles.ConsumeSingle ? Ledger.DepositedQueue : Ledger.MeasuredQueue;
        await Eventually.EqualAsync(0u, () => world.Channel.ConsumerCountAsync(queue), "consumers of the queue");
        var waiting = await world.Channel.MessageCountAsync(queue);
        Assert.NotEqual(0u, waiting);

        using var consumed = new MeterCount("messaging.inbox.consumed");
        using var duplicates = new MeterCount("messaging.inbox.duplicates");
        var host = await world.StartAsync(role);
        await Eventually.EqualAsync((long)waiting, () => Task.FromResult(consumed.Value + duplicates.Value), "messages handled or recognised");
        await world.StopAsync(host);
        // What a stopped consumer had not acknowledged would be back by now.
        Assert.Equal(0u, await world.Channel.MessageCountAsync(queue));
        await world.AssertExactlyOnceAsync(events);
        Assert.Equal(events.Count, await world.CountAsync("inbox"));
    }

    [Fact]
    public async Task A_consumer_that_dies_after_a_dead_letter_was_written_writes_it_once()
    {
        await using var world = await LedgerWorld.CreateAsync();
        await world.BreakAsync();
        await world.PublishAsync(Some.Deposit(poison: true));

        await using (var process = world.StartProcess(LedgerRoles.ConsumeSingle, MessagingSteps.DeadLetterWritten))
            await process.ExpectKilledAsync();
        Assert.Equal(1, await world.CountAsync("dead_letters"));

        await world.StartAsync(LedgerRoles.ConsumeSingle);
        await Eventually.EqualAsync(6, () => world.ScalarAsync<int>("SELECT max(attempts) FROM dead_letters"), "attempts after the redelivery");
        Assert.Equal(1, await world.CountAsync("dead_letters"));
        Assert.Equal(0, await world.CountAsync("effects"));
    }

    [Fact]
    public async Task Ten_thousand_messages_survive_random_kills()
    {
        const int half = 5000;
        const int kills = 12;
        await using var world = await LedgerWorld.CreateAsync();
        var random = new Random(20261122);
        List<OutboxEvent> events =
        [
            .. Enumerable.Range(0, 50).SelectMany(account => Some.Deposits($"account-{account}", half / 50, ordered: account % 2 == 0)),
            .. Some.Measurements(half),
        ];

        var writing = Task.Run(async () =>
        {
            foreach (var chunk in events.Chunk(250))
                await world.InsertAsync(chunk);
        });
        var processes = new[] { world.StartProcess(LedgerRoles.All), world.StartProcess(LedgerRoles.All) };
        try
        {
            for (var kill = 0; kill < kills; kill++)
            {
                // Another moment of the work each time, told by what is done and not by a clock: so each kill hits something, on a machine of any speed.
                var reached = (kill * 700) + random.Next(1, 700);
                await Eventually.GetAsync(() => world.CountAsync("effects"), count => count >= reached, $"{reached} effects before the next kill");
                var victim = random.Next(processes.Length);
                processes[victim].Kill();
                await processes[victim].DisposeAsync();
                processes[victim] = world.StartProcess(LedgerRoles.All);
            }

            await writing;
            await world.EffectsAsync(events.Count);
            await world.OutboxEmptyAsync();
        }
        finally
        {
            foreach (var process in processes)
                await process.DisposeAsync();
        }

        await world.AssertExactlyOnceAsync(events);
    }
}
