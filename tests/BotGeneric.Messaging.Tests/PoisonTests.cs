using System.Text;
using BotGeneric.Messaging.Data;
using BotGeneric.Messaging.TestHost;
using BotGeneric.Messaging.Tests.Support;
using BotGeneric.Testing;
using RabbitMQ.Client;

namespace BotGeneric.Messaging.Tests;

/// <summary>Messages that cannot be handled are put aside; they are neither lost nor in the way.</summary>
public sealed class PoisonTests
{
    [Fact]
    public async Task A_message_that_fails_becomes_a_dead_letter_and_the_others_pass()
    {
        await using var world = await LedgerWorld.CreateAsync();
        await world.BreakAsync();
        var poison = Some.Deposit("poison", poison: true);
        await world.PublishAsync([.. Some.Deposits("good", 10, ordered: false), poison, .. Some.Deposits("more", 10, ordered: false)]);
        await world.StartAsync(LedgerRoles.ConsumeSingle);

        await world.EffectsAsync(20);
        await Eventually.EqualAsync(1L, () => world.CountAsync("dead_letters"), "dead letters");
        Assert.Equal(
            1,
            await world.CountAsync("dead_letters", $"""
                direction = '{DeadLetterDirections.Consume}' AND queue = '{Ledger.DepositedQueue}' AND message_id = '{poison.Event.EventId}' AND attempts = 3
                AND type = '{EventName.Of(typeof(Deposited))}' AND error LIKE '%This deposit is poisonous.%' AND headers ->> 'MessageId' IS NOT NULL
                AND first_failed_at <= last_failed_at AND replayed_at IS NULL
                """));
        Assert.Equal(0, await world.CountAsync("effects", "account = 'poison'"));
        Assert.Equal(20, await world.CountAsync("inbox"));
    }

    [Fact]
    public async Task A_message_that_fails_takes_no_other_of_its_batch_with_it()
    {
        await using var world = await LedgerWorld.CreateAsync();
        await world.BreakAsync();
        var poison = Some.Measurement(1000, poison: true);
        await world.PublishAsync([.. Some.Measurements(30), poison, .. Some.Measurements(29)]);
        await world.StartAsync(LedgerRoles.ConsumeBatch);

        await world.EffectsAsync(59);
        await Eventually.EqualAsync(1L, () => world.CountAsync("dead_letters"), "dead letters");
        Assert.Equal(59, await world.CountAsync("effects"));
        Assert.Equal(1, await world.CountAsync("dead_letters", $"message_id = '{poison.Event.EventId}'"));
    }

    [Fact]
    public async Task Batches_are_really_batches()
    {
        await using var world = await LedgerWorld.CreateAsync();
        await world.PublishAsync(Some.Measurements(300));
        // In production a batch goes on its way after a moment although it is not full; on a busy machine none would be full by then.
        await world.StartAsync(LedgerRoles.ConsumeBatch, gathering: TimeSpan.FromSeconds(20));

        await world.EffectsAsync(300);
        // The handler writes down how many events it was given; the limit is 100.
        Assert.Equal(100, await world.ScalarAsync<int>("SELECT max(position) FROM effects"));
    }

    [Fact]
    public async Task The_same_message_twice_has_one_effect_also_within_a_batch()
    {
        await using var world = await LedgerWorld.CreateAsync();
        await world.PublishAsync(Some.Measurement(7));
        var copy = (await world.Channel.BasicGetAsync(Ledger.MeasuredQueue, autoAck: true))!;
        for (var i = 0; i < 5; i++)
            await SendAsync(world, Ledger.MeasuredQueue, copy.Body, new BasicProperties(copy.BasicProperties));
        // Without a message id the broker's side cannot tell them apart: only the event's own id can.
        for (var i = 0; i < 5; i++)
            await SendAsync(world, Ledger.MeasuredQueue, WithoutMessageId(copy.Body), new BasicProperties { ContentType = copy.BasicProperties.ContentType });
        await world.StartAsync(LedgerRoles.ConsumeBatch);

        await world.EffectsAsync(1);
        await Eventually.EqualAsync(0u, () => world.Channel.MessageCountAsync(Ledger.MeasuredQueue), "messages in the queue");
        Assert.Equal(1, await world.CountAsync("effects"));
        Assert.Equal(0, await world.CountAsync("dead_letters"));
    }

    [Theory]
    [InlineData(LedgerRoles.ConsumeSingle, Ledger.DepositedQueue)]
    [InlineData(LedgerRoles.ConsumeBatch, Ledger.MeasuredQueue)]
    public async Task A_message_that_cannot_be_read_is_put_aside_byte_for_byte(LedgerRoles role, string queue)
    {
        await using var world = await LedgerWorld.CreateAsync();
        var good = role == LedgerRoles.ConsumeSingle ? Some.Deposit() : Some.Measurement();
        await world.PublishAsync(good);
        var type = $"urn:message:{EventName.Of(good.Event.GetType())}";
        byte[][] unreadable =
        [
            [0, 255, 254, 0, 1, 2],
            Encoding.UTF8.GetBytes("this is not json"),
            Encoding.UTF8.GetBytes("[]"),
            Encoding.UTF8.GetBytes("""{"messageType":["urn:message:Some:Stranger"],"message":{}}"""),
            Encoding.UTF8.GetBytes($$$"""{"messageType":["{{{type}}}"],"message":{"eventId":"not a guid"}}"""),
            Encoding.UTF8.GetBytes($$$"""{"messageType":["{{{type}}}"],"message":{"occurredAt":"2026-01-01T00:00:00Z"}}"""),
            Encoding.UTF8.GetBytes($$$"""{"messageType":["{{{type}}}"]}"""),
            Encoding.UTF8.GetBytes(
                $$$"""
                {"messageType":["{{{type}}}"],"message":{"eventId":"00000000-0000-0000-0000-000000000000","occurredAt":"2026-01-01T00:00:00Z",
                "account":"a","position":1,"amount":1}}
                """),
            [],
        ];
        foreach (var body in unreadable)
            await SendAsync(world, queue, body, new BasicProperties { ContentType = "application/vnd.masstransit+json" });
        await SendAsync(world, queue, unreadable[1], new BasicProperties());
        await SendAsync(world, queue, unreadable[1], new BasicProperties { ContentType = "no content type at all" });
        await world.StartAsync(role);

        await Eventually.EqualAsync((long)unreadable.Length + 2, () => world.CountAsync("dead_letters"), "dead letters");
        await world.EffectsAsync(1);
        await Eventually.EqualAsync(0u, () => world.Channel.MessageCountAsync(queue), "messages in the queue");
        foreach (var body in unreadable)
            Assert.InRange(await world.CountAsync("dead_letters", $"body = '\\x{Convert.ToHexString(body)}'::bytea"), 1, 3);
    }

    [Fact]
    public async Task A_message_that_can_be_neither_handled_nor_put_aside_waits()
    {
        await using var world = await LedgerWorld.CreateAsync();
        await world.BreakAsync();
        await world.PublishAsync(Some.Deposit(poison: true));
        await world.ExecuteAsync("ALTER TABLE dead_letters RENAME TO gone");
        using var held = new MeterCount("messaging.inbox.outages");
        await world.StartAsync(LedgerRoles.ConsumeSingle);
        await Eventually.GetAsync(() => Task.FromResult(held.Value), count => count >= 3, "attempts to put the message aside");

        await world.ExecuteAsync("ALTER TABLE gone RENAME TO dead_letters");
        await Eventually.EqualAsync(1L, () => world.CountAsync("dead_letters"), "dead letters");
    }

    [Fact]
    public async Task What_can_never_be_published_becomes_a_dead_letter_and_holds_nothing_up()
    {
        await using var world = await LedgerWorld.CreateAsync();
        await world.InsertAsync(Some.Measurement(), Some.Deposit("broken"), Some.Deposit("good"));
        await world.ExecuteAsync("UPDATE outbox SET body = 'no json' WHERE body LIKE '%broken%'");
        // An older version of the service, which does not know the measurement.
        await world.StartAsync(LedgerRoles.PublishDeposits | LedgerRoles.ConsumeSingle);

        await world.OutboxEmptyAsync();
        await world.EffectsAsync(1);
        Assert.Equal(1, await world.CountAsync("dead_letters", "direction = 'publish' AND attempts = 1 AND error LIKE 'malformed%'"));
        Assert.Equal(1, await world.CountAsync("dead_letters", "direction = 'publish' AND attempts = 4 AND error LIKE 'unknown type%'"));
    }

    private static async Task SendAsync(LedgerWorld world, string queue, ReadOnlyMemory<byte> body, BasicProperties properties) =>
        await world.Channel.BasicPublishAsync("", queue, mandatory: true, properties, body);

    private static ReadOnlyMemory<byte> WithoutMessageId(ReadOnlyMemory<byte> body)
    {
        var envelope = System.Text.Json.Nodes.JsonNode.Parse(body.Span)!.AsObject();
        Assert.True(envelope.Remove("messageId"));
        return Encoding.UTF8.GetBytes(envelope.ToJsonString());
    }
}
