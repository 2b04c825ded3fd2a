using System.Collections.Concurrent;
using System.Text.Json;
using BotGeneric.Messaging.TestHost;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace BotGeneric.Messaging.Tests.Support;

/// <summary>Hears every deposit as it leaves a dispatcher, in the order in which the broker got it, repetitions included.</summary>
internal sealed class Tap
{
    private readonly ConcurrentQueue<(string Account, int Position)> _heard = new();

    public IReadOnlyList<(string Account, int Position)> Heard => [.. _heard];

    public static async Task<Tap> OpenAsync(LedgerWorld world)
    {
        var tap = new Tap();
        var exchange = EventName.Of(typeof(Deposited));
        await world.Channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true, autoDelete: false);
        var queue = await world.Channel.QueueDeclareAsync("", durable: false, exclusive: true, autoDelete: true);
        await world.Channel.QueueBindAsync(queue.QueueName, exchange, "");
        var consumer = new AsyncEventingBasicConsumer(world.Channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            using var envelope = JsonDocument.Parse(delivery.Body);
            var message = envelope.RootElement.GetProperty("message");
            tap._heard.Enqueue((message.GetProperty("account").GetString()!, message.GetProperty("position").GetInt32()));
            return Task.CompletedTask;
        };
        await world.Channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer);
        return tap;
    }

    /// <summary>Fails unless every account's positions were first heard in ascending order without a gap.</summary>
    public void AssertOrdered(IEnumerable<string> accounts, int positions)
    {
        foreach (var account in accounts)
        {
            var first = Heard.Where(h => h.Account == account).Select(h => h.Position).Distinct();
            Assert.Equal(Enumerable.Range(1, positions), first);
        }
    }
}
