using RabbitMQ.Client;

namespace BotGeneric.Messaging.Topology;

/// <summary>
/// Declares exchanges, queues and bindings exactly as MassTransit's receive endpoints do (fanout exchange per event, fanout exchange per
/// queue of the queue's name, durable quorum queue), so that whoever comes second finds an equal declaration and not a conflict.
/// </summary>
internal static class TopologyDeclarer
{
    /// <summary>
    /// RabbitMQ 4 drops (or dead-letters, if told where to) a message of a quorum queue after 20 returned deliveries; 3.x never does. Here the
    /// consumer decides what becomes a dead letter, and an outage or a crash loop must not use up a message. 0 and -1 mean different
    /// things in the two versions and 3.x refuses negative numbers, so the limit is a number that is never reached: at one
    /// redelivery per second it is eleven days of an uninterrupted crash loop.
    /// </summary>
    public const int DeliveryLimit = 1_000_000;

    public const string DeliveryLimitArgument = "x-delivery-limit";
    public const string SingleActiveConsumerArgument = "x-single-active-consumer";

    public static async Task DeclareAsync(IChannel channel, IEnumerable<EventRoute> routes, CancellationToken cancellationToken)
    {
        foreach (var route in routes)
        {
            await channel.ExchangeDeclareAsync(route.EventName, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);
            foreach (var queue in route.Queues)
            {
                await channel.ExchangeDeclareAsync(queue.Name, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);
                await channel.QueueDeclareAsync(queue.Name, durable: true, exclusive: false, autoDelete: false, Arguments(queue), cancellationToken: cancellationToken);
                await channel.QueueBindAsync(queue.Name, queue.Name, "", cancellationToken: cancellationToken);
                await channel.ExchangeBindAsync(queue.Name, route.EventName, "", cancellationToken: cancellationToken);
            }
        }
    }

    private static Dictionary<string, object?> Arguments(ConsumerQueue queue)
    {
        var arguments = new Dictionary<string, object?>
        {
            [Headers.XQueueType] = "quorum",
            [DeliveryLimitArgument] = DeliveryLimit,
        };
        if (queue.Ordered)
            arguments[SingleActiveConsumerArgument] = true;
        return arguments;
    }
}
