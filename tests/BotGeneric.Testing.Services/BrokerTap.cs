using System.Collections.Concurrent;
using System.Text.Json;
using BotGeneric.Contracts;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace BotGeneric.Testing.Services;

/// <summary>Hears every event of a type that reaches the broker, in a queue of its own.</summary>
/// <typeparam name="TEvent">The event.</typeparam>
public sealed class BrokerTap<TEvent> : IAsyncDisposable
    where TEvent : IIntegrationEvent
{
    private readonly IConnection _connection;
    private readonly ConcurrentQueue<TEvent> _events = new();

    private BrokerTap(IConnection connection) => _connection = connection;

    /// <summary>What was heard so far.</summary>
    public IReadOnlyCollection<TEvent> Events => _events;

    /// <summary>Begins to listen.</summary>
    /// <returns>The tap.</returns>
    public static async Task<BrokerTap<TEvent>> OpenAsync()
    {
        var factory = new ConnectionFactory { Uri = new Uri(await TestServers.RabbitMqAsync()) };
        var tap = new BrokerTap<TEvent>(await factory.CreateConnectionAsync());
        await tap.ListenAsync();
        return tap;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();

    private async Task ListenAsync()
    {
        var channel = await _connection.CreateChannelAsync();
        var exchange = $"{typeof(TEvent).Namespace}:{typeof(TEvent).Name}";
        await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true);
        var queue = await channel.QueueDeclareAsync(exclusive: true);
        await channel.QueueBindAsync(queue.QueueName, exchange, routingKey: string.Empty);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            using var envelope = JsonDocument.Parse(delivery.Body);
            _events.Enqueue(envelope.RootElement.GetProperty("message").Deserialize<TEvent>(JsonSerializerOptions.Web)!);
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer);
    }
}
